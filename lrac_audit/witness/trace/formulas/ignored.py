"""Operators that are not counted on purpose, with the reasons."""

from __future__ import annotations

from types import MappingProxyType

from lrac_audit.witness.trace.formulas.formula_table import words

_FACTORIES = "constants, made once"

_BY_REASON = {
    "the same values in another shape or order: no arithmetic": """
        view _unsafe_view _reshape_alias reshape flatten unflatten squeeze unsqueeze transpose t
        permute movedim swapaxes numpy_T mT expand expand_as as_strided select slice narrow split
        unsafe_split split_with_sizes unsafe_split_with_sizes chunk unsafe_chunk unbind diagonal
        unfold detach alias view_as_real view_as_complex _conj _neg_view resolve_conj resolve_neg
        real imag lift_fresh lift set resize _reshape_copy view_copy expand_copy permute_copy
        slice_scatter select_scatter diagonal_scatter as_strided_scatter adjoint ravel""",
    "copies of values: no arithmetic": """
        clone copy _to_copy contiguous cat stack hstack vstack repeat repeat_interleave tile flip
        roll rot90 constant_pad_nd reflection_pad1d reflection_pad2d reflection_pad3d
        replication_pad1d replication_pad2d replication_pad3d _pad_circular narrow_copy im2col
        pixel_shuffle pixel_unshuffle channel_shuffle upsample_nearest1d upsample_nearest2d
        upsample_nearest3d _upsample_nearest_exact1d _upsample_nearest_exact2d index_put index_copy
        _index_put_impl _unsafe_index_put index_fill scatter masked_select masked_scatter nonzero
        select_backward slice_backward fill zero block_diag one_hot split_with_sizes_copy
        split_copy unbind_copy broadcast_tensors put bernoulli_copy native_channel_shuffle
        _pack_padded_sequence _pad_packed_sequence _foreach_copy""",
    _FACTORIES: """
        arange range linspace logspace eye zeros ones full empty empty_strided empty_like zeros_like
        ones_like full_like new_zeros new_ones new_full new_empty new_empty_strided scalar_tensor
        hann_window hamming_window bartlett_window blackman_window kaiser_window tril_indices
        triu_indices empty_permuted _efficientzerotensor""",
    "random numbers; the trace says that there are some": """
        rand randn randint rand_like randn_like randint_like randperm normal uniform bernoulli
        dropout native_dropout alpha_dropout feature_dropout multinomial exponential geometric
        cauchy log_normal random poisson _fused_dropout normal_functional""",
    "questions about a tensor, no arithmetic of the codec": """
        _local_scalar_dense item equal is_nonzero is_same_size size stride sym_size sym_stride
        numel sym_numel sym_storage_offset storage_offset dim is_contiguous _assert_async
        _assert_scalar _assert_tensor_metadata _has_compatible_shallow_copy_type is_pinned allclose
        unique _unique2 unique_consecutive unique_dim bincount searchsorted bucketize
        _functional_assert_async _is_all_true _is_any_true""",
    "weight normalisation: done once, when weights are loaded": """
        _weight_norm _weight_norm_interface _weight_norm_interface_backward""",
    "overlap-add: one sum for each value, beside what made the values": """
        col2im unfold_backward fft_fftshift fft_ifftshift""",
}

IGNORED = MappingProxyType(
    {f"aten.{name}": reason for reason, names in _BY_REASON.items() for name in names.split()}
)
"""The reason for ignoring each operator."""

CARRIES = frozenset(
    f"aten.{name}"
    for name in words("""
view _unsafe_view _reshape_alias reshape squeeze unsqueeze transpose t permute
    expand as_strided select slice narrow split unsafe_split split_with_sizes chunk unbind
    unfold detach alias clone copy _to_copy contiguous flatten constant_pad_nd dropout
    native_dropout lift_fresh cat stack repeat roll flip tile movedim diagonal view_as_real
    view_as_complex _conj _neg_view resolve_conj resolve_neg reflection_pad1d replication_pad1d
    im2col""")
)
"""Operators that only move or reshape values, so that what is known about those still holds."""

WRITES = frozenset(
    f"aten.{name}"
    for name in words("index_put _index_put_impl index_copy scatter select_scatter slice_scatter")
)
"""Operators that write values into a part of a tensor."""

FACTORIES = frozenset(f"aten.{name}" for name in _BY_REASON[_FACTORIES].split())
"""Operators whose results depend on the shapes of tensors alone."""
