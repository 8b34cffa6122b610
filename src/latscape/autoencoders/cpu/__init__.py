"""Compiled loops that stand for operations of PyTorch on a CPU; `dispatch` says where."""
