"""A stand-in for OpenCV, with which AtomAI augments images for its segmentation."""
