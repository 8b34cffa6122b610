"""The smallest study that has every stage."""

TINY = {"cycles": 3, "images": 40, "final_images": 50, "held_out": 20, "starts": 2, "budget": 3, "grid": 2, "pairs": 3}
TINY |= {"space_cycles": 3, "space_draws": 20}
