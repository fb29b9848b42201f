"""The mathematics of `gram` in torch, for tensors on any device: no step waits for the device.

Gram matrices are summed raw, in the lower triangle, a block of columns at a time. Products of bfloat16 numbers are
exact in float32, so that bfloat16 inputs need float32 sums only; scaling X first would round them.
"""

from __future__ import annotations

import torch

BLOCKS = 8
"""Block columns of a Gram matrix, and of a triangular inverse: of eight, nine sixteenths are computed."""

SMALLEST_BLOCK = 256


def add_rows(gram: torch.Tensor, rows: torch.Tensor) -> None:
    """Add XᵀX of `rows` (tokens, n) to the lower triangle of `gram` (n, n), in place.

    Sums have the precision of `gram`. Of what lies above the diagonal, a part is written as well; do not read it.
    """
    for start, stop in _blocks(len(gram)):
        target, left, right = gram[start:, start:stop], rows[:, start:].T, rows[:, start:stop]
        if left.dtype == target.dtype:
            target.addmm_(left, right)
        elif left.device.type == "cuda":
            torch.addmm(target, left, right, out_dtype=target.dtype, out=target)
        else:
            target.addmm_(left.to(target.dtype), right.to(target.dtype))


def feature_sums(rows: torch.Tensor) -> torch.Tensor:
    """`gram.feature_sums` of (tokens, n), float64 on their device."""
    precise = rows.to(torch.float64)
    return torch.stack([precise.sum(0), precise.square().sum(0), (precise > 0).sum(0)])


def diagonals(
    gram: torch.Tensor, factor: float, diagonal: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """diag(H⁻¹) and U_jj² of H, which is `factor` · XᵀX with another diagonal.

    H in reverse order is RᵀR. The squared pivots of R are 1/U_jj² backwards, and the squared row norms of R⁻¹ are the
    diagonal of the inverse backwards. The precision of the factor is that of `gram`.

    Parameters
    ----------
    gram : (n, n), lower triangle of the raw sum XᵀX; left as it is
    diagonal : (n,), diag(H)

    Returns
    -------
    (n,) float64, (n,) float64, and whether H is positive definite: a bool without axes on the device
    """
    backwards = gram.flip((0, 1)).mul_(factor)
    backwards.diagonal().copy_(diagonal.flip(0))
    upper, info = torch.linalg.cholesky_ex(backwards, upper=True)
    del backwards
    pivots = upper.diagonal().to(torch.float64)
    inverse = inverse_row_norms(upper).flip(0)
    definite = (info == 0) & torch.isfinite(pivots).all()
    return inverse, pivots.square().reciprocal().flip(0), definite


def inverse_row_norms(upper: torch.Tensor) -> torch.Tensor:
    """(n,) float64: the squared row norms of the inverse of an upper triangular (n, n), some columns at a time."""
    norms = torch.zeros(len(upper), dtype=torch.float64, device=upper.device)
    for start, stop in _blocks(len(upper)):
        unit = torch.zeros((stop, stop - start), dtype=upper.dtype, device=upper.device)
        unit[start:].fill_diagonal_(1)
        columns = torch.linalg.solve_triangular(upper[:stop, :stop], unit, upper=True)
        norms[:stop] += columns.square_().sum(1, dtype=torch.float64)
    return norms


def _blocks(size: int) -> list[tuple[int, int]]:
    step = max(SMALLEST_BLOCK, -(-size // BLOCKS))
    return [(start, min(start + step, size)) for start in range(0, size, step)]
