"""Wilson's interval of a share (Journal of the ASA 22, 1927): honest where few are counted, or none or all of them."""

import math

#: A 95 % interval reaches this many standard deviations to either side.
Z = 1.96


def interval(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `n`, both ends in [0, 1]."""
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)
