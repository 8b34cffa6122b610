"""What every surrogate must do: inherit, and give `surrogate()`."""

import numpy as np
import pytest
import torch

from latscape.gp import Surrogate, predict


class SurrogateContract:
    def surrogate(self) -> Surrogate:
        raise NotImplementedError

    @pytest.mark.parametrize(
        ("x", "y"),
        [
            ([[0.3, 2.0]], [5.0]),
            ([[0.3, 2.0], [0.9, 1.0]], [5.0, -1.0]),
            ([[0.3, 2.0], [0.3, 2.0], [0.3, 2.0]], [5.0, 6.0, 7.0]),
            ([[0.3, 2.0], [0.3, 1.0], [0.3, 0.0]], [4.0, 4.0, 4.0]),
        ],
        ids=["one point", "two points", "replicates", "constant value and input"],
    )
    def test_poor_data_give_finite_predictions_within_reach_of_the_values(self, x, y):
        mean, std = predict(self.surrogate().fit(x, y), [[0.0, 0.0], [1.0, 3.0], x[0]])
        assert np.isfinite(mean).all()
        assert np.isfinite(std).all()
        assert (std >= 0).all()
        spread = max(np.ptp(y), 1e-3)
        assert (mean > min(y) - spread - 1e-6).all()
        assert (mean < max(y) + spread + 1e-6).all()

    def test_fit_is_a_function_of_its_arguments_and_leaves_the_global_generators_alone(self):
        x, y = self._data()
        torch_state, numpy_state = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
        first = predict(self.surrogate().fit(x, y), x)
        assert torch.equal(torch.random.get_rng_state(), torch_state)
        assert np.array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002
        torch.rand(3)  # whatever others draw must not matter
        second = predict(self.surrogate().fit(x, y), x)
        assert np.array_equal(first, second)

    def test_units_of_inputs_and_values_do_not_matter(self):
        x, y = self._data()
        mean, std = predict(self.surrogate().fit(x, y), x[:7])
        scaled_mean, scaled_std = predict(self.surrogate().fit(1e3 * x - 7, 0.1 * y + 50), 1e3 * x[:7] - 7)
        np.testing.assert_allclose((scaled_mean - 50) / 0.1, mean, rtol=0.02, atol=0.02 * y.std())
        np.testing.assert_allclose(scaled_std / 0.1, std, rtol=0.1, atol=0.02 * y.std())

    def test_every_model_predicts_as_scikit_learn_does(self):
        x, y = self._data()
        model = self.surrogate().fit(x[:30], y[:30])
        mean, std = model.predict(x[30:], return_std=True)
        assert np.array_equal(model.predict(x[30:]), mean)
        posterior = model.posterior(torch.from_numpy(x[30:]))
        np.testing.assert_allclose(posterior.mean[:, 0].detach(), mean)
        np.testing.assert_allclose(posterior.variance[:, 0].detach().sqrt(), std, rtol=1e-6)

    def test_a_believed_point_shrinks_the_variance_there_and_leaves_the_model_alone(self):
        x, y = self._data()
        model, point = self.surrogate().fit(x[:30], y[:30]), torch.from_numpy(x[30:31])
        with torch.no_grad():
            before = model.posterior(point)
            after = model.condition_on_observations(point, before.mean).posterior(point)
            again = model.posterior(point)
        np.testing.assert_allclose(after.mean, before.mean, rtol=0.02, atol=0.02)
        assert after.variance.item() < before.variance.item()
        assert torch.equal(again.mean, before.mean)

    def test_predictions_are_chunked_without_changing_them(self):
        x, y = self._data()
        model = self.surrogate().fit(x, y)
        many = np.random.default_rng(1).uniform(size=(1100, 2))
        mean, std = predict(model, many)
        one_mean, one_std = predict(model, many[[1050]])
        np.testing.assert_allclose([mean[1050], std[1050]], [one_mean[0], one_std[0]], rtol=1e-6)

    def test_the_mean_follows_a_smooth_function(self):
        x, y = self._data()
        mean, _ = predict(self.surrogate().fit(x[:30], y[:30]), x[30:])
        assert np.corrcoef(mean, y[30:])[0, 1] > 0.95

    def _data(self):
        x = np.random.default_rng(0).uniform(size=(40, 2))
        return x, np.sin(4 * x[:, 0]) + np.cos(3 * x[:, 1])
