"""A stand-in for torchvision: what pyroVED and AtomAI import of it. There is no CPU wheel beside torch's."""
