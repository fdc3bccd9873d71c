"""What the network is trained towards: task-aligned assignment (Feng et al. 2021, TOOD), quality focal loss, GIoU."""
import torch
from torch import Tensor
from torch.nn import functional

from .network import decode

CANDIDATES = 10  # cells a person may own
SCORE_POWER, OVERLAP_POWER = 0.5, 6.0  # alpha and beta of TOOD
FOCUS = 1.5
SMALLEST_REACH = 6.0  # pixels from its centre in which even the smallest person finds a cell


def overlap(a: Tensor, b: Tensor, generalised: bool = False) -> Tensor:
    """Intersection over union of boxes `[…, 4]` pair by pair; the generalised one (Rezatofighi et al. 2019) on demand."""
    sides = (torch.min(a[..., 2:], b[..., 2:]) - torch.max(a[..., :2], b[..., :2])).clamp(min=0)
    common = sides[..., 0] * sides[..., 1]
    area_a = (a[..., 2] - a[..., 0]).clamp(min=0) * (a[..., 3] - a[..., 1]).clamp(min=0)
    area_b = (b[..., 2] - b[..., 0]).clamp(min=0) * (b[..., 3] - b[..., 1]).clamp(min=0)
    union = area_a + area_b - common + 1e-7
    if not generalised:
        return common / union
    hull = torch.max(a[..., 2:], b[..., 2:]) - torch.min(a[..., :2], b[..., :2])
    hull = hull[..., 0] * hull[..., 1] + 1e-7
    return common / union - (hull - union) / hull


def contains(boxes: Tensor, centres: Tensor, reach: float = 0) -> Tensor:
    """Whether cells `[A, 2]` lie in boxes `[B, G, 4]`, each taken for at least `2 × reach` pixels wide and high: `[B, G, A]`."""
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    half = ((boxes[..., 2:] - boxes[..., :2]) / 2).clamp(min=reach)
    low, high = (middle - half)[:, :, None], (middle + half)[:, :, None]
    return ((centres > low) & (centres < high)).all(-1)


@torch.no_grad()
def assign(boxes: Tensor, logits: Tensor, centres: Tensor, truth: Tensor, present: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Which cell learns which person: target scores `[B, A]`, target boxes `[B, A, 4]`, and who has one `[B, A]`.

    `truth` `[B, G, 4]`, `present` `[B, G]`. A person's cells are those inside it where score and overlap agree best.
    """
    count, cells, people = boxes.shape[0], boxes.shape[1], truth.shape[1]
    inside = contains(truth, centres, SMALLEST_REACH) & present[..., None]
    shared = overlap(truth[:, :, None].expand(-1, -1, cells, -1), boxes[:, None].expand(-1, people, -1, -1)).clamp(0, 1)
    alignment = (logits.sigmoid()[:, None].pow(SCORE_POWER) * shared.pow(OVERLAP_POWER) + 1e-12) * inside
    best = alignment.topk(min(CANDIDATES, cells), -1).indices
    chosen = torch.zeros_like(inside).scatter_(-1, best, True) & inside
    # A cell that several people want is the one's with which it overlaps most.
    wanted = torch.where(chosen, shared, shared.new_tensor(-1.0)).argmax(1)
    chosen &= functional.one_hot(wanted, people).transpose(1, 2).bool()
    has_one, whose = chosen.any(1), chosen.float().argmax(1)
    alignment = alignment * chosen
    scaled = alignment / (alignment.amax(-1, keepdim=True) + 1e-9) * (shared * chosen).amax(-1, keepdim=True)
    return scaled.amax(1) * has_one, truth.gather(1, whose[..., None].expand(count, cells, 4)), has_one


def detection_loss(outputs: list[Tensor], truth: Tensor, kind: Tensor) -> tuple[Tensor, Tensor]:
    """The losses of scores and boxes. `kind` `[B, G]`: 1 a person, 0 nothing, -1 an area of which nothing is learned."""
    boxes, logits, centres, _ = decode(outputs)
    scores, targets, has_one = assign(boxes.detach(), logits.detach(), centres, truth, kind == 1)
    unknown = (contains(truth, centres) & (kind == -1)[..., None]).any(1) & ~has_one
    wrongness = (logits.sigmoid() - scores).abs().detach().pow(FOCUS) * 2
    classes = functional.binary_cross_entropy_with_logits(logits, scores, reduction="none") * wrongness * ~unknown
    total = scores.sum().clamp(min=1.0)
    if not has_one.any():
        return classes.sum() / total, boxes.sum() * 0
    distance = 1 - overlap(boxes[has_one], targets[has_one], generalised=True)
    return classes.sum() / total, (distance * scores[has_one]).sum() / total
