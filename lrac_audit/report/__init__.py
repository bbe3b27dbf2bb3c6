"""Renderers: each turns an audit into text; none of them prints."""
