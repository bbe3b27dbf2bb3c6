/* The first instructions of a Cortex-M7 without an operating system: switch on the floating-point
 * unit, then start the C library, which reaches files through the debugger (semihosting). */
#include <stdint.h>

enum { END_OF_MEMORY = 0x20400000 };

void _start(void);

static void reset(void)
{
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
    _start();
}

__attribute__((section(".vectors"), used)) static void (*const vectors[])(void) = {
    (void (*)(void))END_OF_MEMORY, reset, reset, reset};
