"""Nanoparticles as an electron microscope shows them, drawn or from real outlines, with the spectra they scatter."""
