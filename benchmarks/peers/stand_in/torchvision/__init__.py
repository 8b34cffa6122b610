"""A stand-in for torchvision: the one function that pyroVED imports. There is no CPU wheel beside torch's."""
