"""Recipe keys that are ignored on purpose, each with the reason.

Forks of the recipe add losses, discriminators and ways to start a training; such keys are known by
what their names have in common. A key that is neither read nor described here is an unknown key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from types import MappingProxyType

from lrac_audit.design.fields import FieldReader

_TRAINING = "training only: the trained codec runs the same"
_DATA = "data preparation only: the trained codec runs the same"
_LOGGING = "logging and bookkeeping only"
_RUNTIME = "hardware and framework settings of the training run only"
_LOSS = "a training loss: the trained codec does not compute it"


Table = MappingProxyType[str, str]
"""Keys or patterns of keys, each with the reason to ignore it."""


def _table(**reasons: str) -> Table:
    return MappingProxyType(
        {key: reason for reason_keys, reason in _pairs(reasons) for key in reason_keys.split()}
    )


def _pairs(reasons: dict[str, str]) -> list[tuple[str, str]]:
    known = {"training": _TRAINING, "data": _DATA, "logging": _LOGGING, "runtime": _RUNTIME}
    known["loss"] = _LOSS
    return [(keys, known[kind]) for kind, keys in reasons.items()]


TOP_KEYS = _table(
    training=(
        "optim optim_conf optim2 optim2_conf scheduler scheduler_conf scheduler2 scheduler2_conf "
        "generator_first skip_discriminator_prob num_iters_per_epoch max_epoch accum_grad "
        "batch_size valid_batch_size batch_bins valid_batch_bins batch_type valid_batch_type "
        "grad_clip grad_clip_type grad_noise patience val_scheduler_criterion "
        "early_stopping_criterion best_model_criterion init_param ignore_init_mismatch "
        "freeze_param init model_conf unused_parameters pretrain_path"
    ),
    data=(
        "iterator_type valid_iterator_type chunk_length chunk_shift_ratio num_cache_chunks "
        "chunk_excluded_key_prefixes sort_in_batch sort_batch fold_length multiple_iterator "
        "shuffle_within_batch max_cache_size max_cache_fd valid_max_cache_size "
        "allow_variable_data_keys allow_multi_rates drop_last_iter "
        "train_data_path_and_name_and_type valid_data_path_and_name_and_type "
        "train_shape_file valid_shape_file exclude_weight_decay exclude_weight_decay_conf "
        "preprocessor preprocessor_conf use_preprocessor rir_scp rir_apply_prob noise_scp "
        "noise_apply_prob validation_rir_scp validation_noise_scp noise_db_range "
        "short_noise_thres sample_rate use_reverberant_ref num_spk flexible_numspk "
        "num_noise_type force_single_channel avoid_allzero_segment channel_reordering "
        "categories speech_volume_normalize"
    ),
    logging=(
        "config print_config log_level dry_run output_dir log_interval keep_nbest_models "
        "nbest_averaging_interval num_att_plot use_tensorboard create_graph_in_tensorboard "
        "use_wandb wandb_project wandb_id wandb_entity wandb_name wandb_model_log_interval "
        "detect_anomaly use_matplotlib collect_stats write_collected_feats version required"
    ),
    runtime=(
        "seed num_workers use_amp ngpu train_dtype no_forward_run resume sharded_ddp "
        "cudnn_enabled cudnn_benchmark cudnn_deterministic use_tf32 use_deepspeed "
        "deepspeed_config dist_backend dist_init_method dist_world_size dist_rank local_rank "
        "dist_master_addr dist_master_port dist_launcher multiprocessing_distributed "
        "gradient_as_bucket_view ddp_comm_hook use_lora save_lora_only lora_conf use_adapter "
        "adapter adapter_conf save_strategy distributed"
    ),
)
"""Keys at the top of a ``train.yaml``."""

CODEC_KEYS = _table(
    loss=(
        "discriminator_params generator_adv_loss_params discriminator_adv_loss_params "
        "use_feat_match_loss feat_match_loss_params use_dual_decoder use_mel_loss "
        "mel_loss_params use_semantic_loss semantic_loss_params lambda_quantization "
        "lambda_reconstruct lambda_commit lambda_adv lambda_feat_match lambda_mel "
        "lambda_semantic use_loss_balancer balance_ema_decay"
    ),
    training="cache_generator_outputs",
)
"""Keys of ``codec_conf``."""

QUANTIZER_KEYS = _table(
    training=(
        "quantizer_decay quantizer_kmeans_init quantizer_kmeans_iters "
        "quantizer_threshold_ema_dead_code quantizer_dropout"
    ),
)
"""Keys of ``quantizer_params``."""

CODEC_PATTERNS = _table(
    loss="*_loss *_loss_params *_loss_weight lambda_* *discriminator*",
    training="freeze_* frozen_* fix_* preload preload_* pretrain* init_* *_warmup_*",
)
"""Names of further keys of ``codec_conf``, as patterns."""

QUANTIZER_PATTERNS = _table(
    training=(
        "*dropout* *kmeans* *_ema_* ema_* *_ema *decay* *dead_code* *commit* preload_* freeze_* "
        "*_init"
    ),
)
"""Names of further keys of ``quantizer_params``, as patterns."""

TOP_PATTERNS = _table(
    training="optim* scheduler* freeze_* preload_* pretrain* *discriminator*",
    data="train_* valid_* *_scp *_apply_prob",
    runtime="use_wandb* wandb_* dist_* *_dtype",
)
"""Names of further keys at the top, as patterns."""


def ignore(
    reader: FieldReader, keys: Table, patterns: Table, ignored: list[tuple[str, str]]
) -> None:
    """Add each key of ``reader`` that ``keys`` or ``patterns`` describe to ``ignored``."""
    present = {key: keys[key] for key in reader.values(keys)}
    for key, reason in [*present.items(), *_described(reader.unread, patterns)]:
        reader.value(key)
        ignored.append((reader.path(key), reason))


def _described(keys: Iterable[str], patterns: Table) -> Iterator[tuple[str, str]]:
    """Yield each of ``keys`` that a pattern describes, with the reason to ignore it."""
    for key in keys:
        reason = next((why for name, why in patterns.items() if fnmatchcase(key, name)), None)
        if reason is not None:
            yield key, reason


NORM_REASON = "folded into the weights of the trained codec"
PAD_MODE_REASON = "changes the first and last samples of a clip, not the cost or delay of a stream"
UNUSED_REASON = "its layer is switched off"
"""Reasons for the SEANet keys, which ``coder.py`` checks before it ignores them."""
