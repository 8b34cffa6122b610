"""The inner loop of training on a CPU: sample all classes' images at posed coordinates and score them, in one pass.

For sample b with pixels x and class k with the canonical image c, pixel p of the posed image is `s_p = sum_q w_pq c_q`,
where w holds the four bilinear weights of p. For a loss l of a pixel, wanted are

    L     = sum_p l(s_p, x_p)
    dc_q  = sum_p w_pq l'(s_p, x_p)
    dA    = sum_p l'(s_p, x_p) ds_p/dA       for the affine map A from image to canonical coordinates.

Weights and addresses belong to the pixel and not to the class, so classes are the innermost index: every operation
below runs over them in vector registers. Residuals and slopes stay in cache instead of passing through memory once per
elementary operation, which is what makes automatic differentiation of the same formula slower.
"""

import numpy as np

from latscape.autoencoders.cpu.elementary import exp_minus, f32, inlined, log1p
from latscape.autoencoders.likelihoods import Loss
from latscape.compilation import CONTRACT, compiled_loop

LOGISTIC, SQUARE = int(Loss.LOGISTIC), int(Loss.SQUARE)
LOGISTIC_SQUARE, POISSON = int(Loss.LOGISTIC_SQUARE), int(Loss.POISSON)


@inlined
def score(kind, s, x, loss, slope):
    """Losses of decoded values `s` for samples `x`, and their derivatives; what they are says `Loss`."""
    one = f32(1.0)
    if kind == LOGISTIC:
        for m in range(len(s)):
            e = exp_minus(abs(s[m]))
            p = one / (one + e)
            loss[m] = max(s[m], f32(0.0)) + log1p(e) - x[m] * s[m]
            slope[m] = (p if s[m] >= f32(0.0) else one - p) - x[m]
    elif kind == SQUARE:
        for m in range(len(s)):
            slope[m] = s[m] - x[m]
            loss[m] = f32(0.5) * slope[m] * slope[m]
    elif kind == LOGISTIC_SQUARE:
        for m in range(len(s)):
            p = one / (one + exp_minus(abs(s[m])))
            rest = one - p
            error = (p if s[m] >= f32(0.0) else rest if s[m] < f32(0.0) else s[m]) - x[m]  # nan stays nan
            loss[m] = f32(0.5) * error * error
            slope[m] = error * p * rest
    elif kind == POISSON:
        for m in range(len(s)):
            e = exp_minus(abs(s[m]))
            rate = one / e if s[m] >= f32(0.0) else e
            loss[m] = rate - x[m] * s[m]
            slope[m] = rate - x[m]


@compiled_loop(CONTRACT)
def warped(
    kind,  # value of a `Loss`
    canonical,  # (models, classes, batch, height * width), float32 as all arrays
    inverse,  # (models, batch, 2, 3), affine map from image to canonical coordinates of `geometry.grid`; finite
    x,  # (models, batch, height * width)
    loss,  # (models, classes, batch)
    residual,  # (models, classes, batch, height * width), gradient of the loss with respect to `canonical`
    slope,  # (models, classes, batch, 2, 3), gradient of the loss with respect to `inverse`
    height,  # at least 2
    width,  # at least 2
    first,  # range of samples, so that threads can share the work
    last,
):
    """Fill `loss`, `residual` and `slope` for samples first to last, counted through all models."""
    _, classes, batch, _ = canonical.shape
    image = np.empty(height * width * classes, f32)
    gradient = np.empty(height * width * classes, f32)
    # One row of pixels at a time: posed value, its slopes along both axes, target, loss and the loss's derivative.
    s, sx, sy = np.empty(width * classes, f32), np.empty(width * classes, f32), np.empty(width * classes, f32)
    t, l, g = np.empty(width * classes, f32), np.empty(width * classes, f32), np.empty(width * classes, f32)
    start, fx, fy = np.empty(width, np.int64), np.empty(width, f32), np.empty(width, f32)
    total, row = np.empty(7 * classes, f32), np.empty(4 * classes, f32)
    half = f32(0.5) * f32(max(height, width))  # pixels per unit of length
    right, down, one = f32(width - 1), f32(height - 1), f32(1.0)
    for sample in range(first, last):
        model, b = sample // batch, sample % batch
        for k in range(classes):
            for p in range(height * width):
                image[p * classes + k] = canonical[model, k, b, p]
        gradient[:] = f32(0.0)
        total[:] = f32(0.0)
        ax, ay, at = inverse[model, b, 0, 0], inverse[model, b, 0, 1], inverse[model, b, 0, 2]
        bx, by, bt = inverse[model, b, 1, 0], inverse[model, b, 1, 1], inverse[model, b, 1, 2]
        for i in range(height):
            y = (f32(0.5) * down - f32(i)) / half
            for j in range(width):
                px = (f32(j) - f32(0.5) * right) / half
                u = (ax * px + ay * y + at) * half + f32(0.5) * right  # column in the canonical image
                v = f32(0.5) * down - (bx * px + by * y + bt) * half  # row in the canonical image
                # Beyond the edge the edge's value holds, and moving on changes nothing.
                along = half if u > f32(0.0) and u < right else f32(0.0)
                across = -half if v > f32(0.0) and v < down else f32(0.0)
                u, v = min(max(u, f32(0.0)), right), min(max(v, f32(0.0)), down)
                left, top = min(np.int64(u), width - 2), min(np.int64(v), height - 2)
                fx[j], fy[j] = u - f32(left), v - f32(top)
                start[j] = (top * width + left) * classes
                upper = image[start[j] : start[j] + 2 * classes]
                lower = image[start[j] + width * classes : start[j] + (width + 2) * classes]
                for k in range(classes):
                    m = j * classes + k
                    dx = upper[classes + k] - upper[k]
                    above = upper[k] + fx[j] * dx
                    below = lower[k] + fx[j] * (lower[classes + k] - lower[k])
                    s[m] = above + fy[j] * (below - above)
                    sx[m] = along * (dx + fy[j] * (lower[classes + k] - lower[k] - dx))
                    sy[m] = across * (below - above)
                    t[m] = x[model, b, i * width + j]
            score(kind, s, t, l, g)
            row[:] = f32(0.0)
            for j in range(width):
                px = (f32(j) - f32(0.5) * right) / half
                for k in range(classes):
                    m = j * classes + k
                    hx, hy = g[m] * sx[m], g[m] * sy[m]
                    row[k] += hx
                    row[classes + k] += hx * px
                    row[2 * classes + k] += hy
                    row[3 * classes + k] += hy * px
                    total[6 * classes + k] += l[m]
                w11 = fx[j] * fy[j]
                w01, w10, w00 = fx[j] - w11, fy[j] - w11, one - fx[j] - fy[j] + w11
                upper = gradient[start[j] : start[j] + 2 * classes]
                lower = gradient[start[j] + width * classes : start[j] + (width + 2) * classes]
                for k in range(classes):
                    upper[k] += w00 * g[j * classes + k]
                    upper[classes + k] += w01 * g[j * classes + k]
                for k in range(classes):
                    lower[k] += w10 * g[j * classes + k]
                    lower[classes + k] += w11 * g[j * classes + k]
            for k in range(classes):
                total[k] += row[classes + k]
                total[classes + k] += row[k] * y
                total[2 * classes + k] += row[k]
                total[3 * classes + k] += row[3 * classes + k]
                total[4 * classes + k] += row[2 * classes + k] * y
                total[5 * classes + k] += row[2 * classes + k]
        for k in range(classes):
            loss[model, k, b] = total[6 * classes + k]
            for m in range(3):
                slope[model, k, b, 0, m] = total[m * classes + k]
                slope[model, k, b, 1, m] = total[(3 + m) * classes + k]
            for p in range(height * width):
                residual[model, k, b, p] = gradient[p * classes + k]
