from . import ferrosim, plasmon

__all__ = ["ferrosim", "plasmon"]
