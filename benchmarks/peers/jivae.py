"""pyroVED's jiVAE: its own training step, and its weights in one of our models."""

import torch
from torch import Tensor, nn

from latscape.autoencoders.model import Autoencoder
from peers import stand_in


class Peer:
    """pyroVED 0.3.0 at its defaults: two layers of 128 tanh units each way, Bernoulli, Adam 1e-3, exact enumeration."""

    def __init__(self, shape: tuple[int, int], classes: int, beta: tuple[float, float]) -> None:
        stand_in()
        import pyroved

        self.beta = list(beta)
        self.model = pyroved.models.jiVAE(
            shape, latent_dim=2, discrete_dim=classes, invariances=["r"], seed=1, device="cpu"
        )
        self.svi = pyroved.trainers.SVItrainer(self.model, enumerate_parallel=True, seed=1, device="cpu").svi

    def step(self, x: Tensor) -> float:
        """One training step over images (batch, height, width); the loss per image."""
        return self.svi.step(x, scale_factor=self.beta) / len(x)

    def loss(self, x: Tensor, seed: int) -> tuple[float, Tensor]:
        """The loss per image and the standard normal numbers (batch, 3) that went into it."""
        torch.manual_seed(seed)
        noise = torch.normal(torch.zeros(len(x), 3), torch.ones(len(x), 3))
        torch.manual_seed(seed)
        return self.svi.evaluate_loss(x, scale_factor=self.beta) / len(x), noise


def copy_weights(peer: nn.Module, ours: Autoencoder) -> None:
    """Make `ours`, with a coordinate decoder of the same widths, the function that `peer` is.

    Its coordinates are (row, column) from (-1, 1) at the first pixel to (1, -1) at the last, the centres of the outer
    pixels on the border; ours are (x, y), y up, the border half a pixel further out. So (row, column) = -s (y, x) with
    s = n / (n - 1) for n pixels a side, and both turn by the same angle in the same sense. Its encoder gives all means,
    all deviations and the class scores; ours gives mean and deviation block by block.
    """
    decoder, encoder = peer.decoder, peer.encoder_z
    side = ours.decoder.frame.shape[0]
    first = decoder.coord_latent
    content = ours.content
    head = ours.encoder[1]
    with torch.no_grad():
        ours.decoder.position.weight.copy_(-side / (side - 1) * first.fc_coord.weight.flip(1))
        ours.decoder.position.bias.copy_(first.fc_coord.bias)
        ours.decoder.content.weight.copy_(first.fc_latent.weight[:, :content])
        ours.decoder.label.weight.copy_(first.fc_latent.weight[:, content:])
    ours.decoder.layers.load_state_dict(decoder.fc_layers.state_dict())
    ours.decoder.out.load_state_dict(decoder.out.state_dict())
    ours.encoder[0].load_state_dict(encoder.fc_layers.state_dict())
    with torch.no_grad():
        for name, parameter in head.named_parameters():
            mean, deviation, scores = (getattr(layer, name) for layer in (encoder.fc11, encoder.fc12, encoder.fc13))
            parameter.copy_(torch.cat([mean[:1], deviation[:1], mean[1:], deviation[1:], scores]))
