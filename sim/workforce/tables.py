"""Figures about real workforces, each with its source and a grade.

Invariant: distributions are tables of whole numbers, worked out beforehand; the tests derive them again.

Grades: A official statistics, B large survey or platform data, C vendor's survey, D assumption for want of a source.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from mockservices.clock import Millis
from sim.randomness import Quantiles
from sim.time import DAY

YEAR: Final = Millis(365 * DAY)

# 17.3 % of US employees left in 2022-23 (https://www.imercer.com/articleinsights/workforce-turnover-trends). Grade B.
LEAVERS_PER_YEAR: Final = 0.17
# As many come as go: no growth. Grade D.
JOINERS_PER_YEAR: Final = 0.17
# About 20 % a year change their title (https://www.scopeat.co.uk/internal-mobility-is-booming-but-not-for-everybody/,
# grade B); that 12 % a year need other access afterwards is an assumption, grade D.
MOVERS_PER_YEAR: Final = 0.12
# 18 to 23 % of the workforce of larger companies, of which some need no account
# (https://andvaris.com/2023/04/27/workforce-solutions-buyer-survey-2023-americas-results/). Grade B.
CONTRACTORS: Final = 0.18

# 76 % are still there after one year and 38 % after five
# (https://www.brianheger.com/study-internal-mobility-boosts-retention-shrm/): the hazard is .27 in the first year and
# about .17 later. So a newcomer's first year has 27/17 of whatever rate a scenario gives. Grade B.
FIRST_YEAR_HAZARD: Final = Fraction(27, 17)

# Three to six months and more for professional and IT work, grade B:
# https://pacestaffing.com/2019/12/26/the-length-of-time-a-temporary-employee-is-on-assignment-with-northwest-companies-is-expanding/
# Most companies that limit a contract's length allow 18 to 24 months. The shape of the distribution is grade C:
# https://www.staffingindustry.com/editorial/cws-30-contingent-workforce-strategies/assignment-length-limits-are-they-necessary-0
CONTRACT_MEAN: Final = Millis(YEAR // 2)
CONTRACT_CAP: Final = 4
"""The longest contract, in means: 24 months where the mean is 6."""

# When a contract has run out, its successor starts after this long: headcount stays about the same. Grade D.
REPLACED_AFTER: Final = (Millis(2 * DAY), Millis(8 * DAY))

_PER_MEAN: Final = 20
_BILLION: Final = 1_000_000_000
# The gamma distribution with shape 4 at 0, 1/20, 2/20 ... 80/20 of its mean, in parts of 10**9:
# F(x) = 1 - exp(-4x) * (1 + 4x + (4x)**2/2 + (4x)**3/6).
# fmt: off
CONTRACT_SHARES: Final = (
    0, 56_840, 776_251, 3_358_069, 9_079_858, 18_988_157, 33_768_968, 53_725_250,
    78_813_487, 108_708_395, 142_876_540, 180_647_578, 221_277_089, 263_998_356, 308_062_567, 352_768_111,
    397_480_276, 441_642_945, 484_783_890, 526_515_157, 566_529_880, 604_596_630, 640_552_227, 674_293_717,
    705_770_084, 734_974_085, 761_934_501, 786_708_982, 809_377_591, 830_037_113, 848_796_117, 865_770_752,
    881_081_238, 894_848_992, 907_194_315, 918_234_584, 928_082_882, 936_846_995, 944_628_719, 951_523_435,
    957_619_888, 963_000_136, 967_739_634, 971_907_420, 975_566_370, 978_773_514, 981_580_382, 984_033_373,
    986_174_127, 988_039_903, 989_663_949, 991_075_853, 992_301_880, 993_365_298, 994_286_670, 995_084_133,
    995_773_652, 996_369_259, 996_883_261, 997_326_436, 997_708_209, 998_036_808, 998_319_407, 998_562_254,
    998_770_779, 998_949_700, 999_103_110, 999_234_553, 999_347_099, 999_443_401, 999_525_751, 999_596_127,
    999_656_233, 999_707_538, 999_751_305, 999_788_621, 999_820_421, 999_847_504, 999_870_560, 999_890_176,
    999_906_858,
)
# fmt: on

# Length of service of those who are there on a given day, in parts of 601. Their shares are areas under the survival
# curve above: from 100 to 76 % in the first year (88), to 38 % in the fifth (228), and, an assumption of grade D, in a
# straight line to nothing in the twentieth (285).
TENURE: Final = Quantiles([(0, 0), (88, YEAR), (316, 5 * YEAR), (601, 20 * YEAR)], 601)


def contract_lengths(mean: int) -> Quantiles:
    """How long contracts last, in ms, when their mean is this many ms: gamma with shape 4, cut off at four means."""
    points = [(share, mean * step // _PER_MEAN) for step, share in enumerate(CONTRACT_SHARES)]
    return Quantiles([*points, (_BILLION, CONTRACT_CAP * mean)], _BILLION)
