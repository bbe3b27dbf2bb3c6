"""Activations as layers of a list."""

from lrac_audit.design.activations import Activation, ActivationField
from lrac_audit.design.layer import layer_kind

layer_kind("activation", ActivationField())(Activation)
