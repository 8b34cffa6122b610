"""Adam against PyTorch's own, number by number."""

import torch

from latscape.autoencoders.adam import Adam


def problem():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in ((5, 3), (7,), (2,))]


def loss(parameters, k):
    return k * parameters[0].sin().sum() + parameters[1].square().sum()  # the third has no gradient


def test_it_moves_as_pytorchs_does_and_goes_on_from_its_state():
    ours, theirs, again = problem(), problem(), problem()
    optimizer, reference = Adam(ours), torch.optim.Adam(theirs, lr=1.0, fused=True)
    for k in range(40):
        if k == 20:  # as after a checkpoint
            moments = {f"{i}.{name}": value for i, state in enumerate(optimizer.state) for name, value in state.items()}
            with torch.no_grad():
                for value, other in zip(again, ours, strict=True):
                    value.copy_(other)
            ours, optimizer = again, Adam(again)
            optimizer.restore(moments)
        rate = 0.01 * (1 + k)
        reference.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        reference.zero_grad()
        loss(ours, k).backward()
        loss(theirs, k).backward()
        optimizer.step(rate)
        reference.step()
        assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))
