"""A network in training, judged on the held-out pictures."""
import numpy
import torch

from .network import Network, decode
from .pictures import Pictures, letterbox
from .scoring import WEAKEST, Detections, Tally, suppress


@torch.no_grad()
def detect(network: Network, images: numpy.ndarray, device: str = "cpu") -> list[Detections]:
    """What the network finds in pictures `[B, H, W, 3]`."""
    inputs = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).float().div_(255)
    boxes, logits, _, _ = decode(network(inputs.contiguous(memory_format=torch.channels_last)))
    boxes, scores = boxes.cpu().numpy(), logits.sigmoid().cpu().numpy()
    return [suppress(b[s > WEAKEST], s[s > WEAKEST]) for b, s in zip(boxes, scores)]


def evaluate(network: Network, pictures: Pictures, width: int, height: int, device: str = "cpu", every: int = 1) -> Tally:
    """The tally over every `every`-th picture, letterboxed to `width` × `height`."""
    tally, indices = Tally(), range(0, len(pictures), every)
    for start in range(0, len(indices), 16):
        batch = indices[start : start + 16]
        boxed = [letterbox(pictures.picture(index), width, height) for index in batch]
        for index, (_, *place), found in zip(batch, boxed, detect(network, numpy.stack([b[0] for b in boxed]), device)):
            scale, x, y = place
            tally.add(found, pictures.boxes[index] * scale + (x, y, x, y))
    return tally
