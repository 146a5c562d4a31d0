/**
 * Python lines that import torchvision, and so timm, also beside a PyTorch that it was not built for: its compiled
 * operators, which the networks need not, are then declared only.
 */
export const IMPORT_TORCHVISION = `
import torch
try:
    import torchvision
except RuntimeError:
    for name in ('nms', 'qnms'):
        torch.library.define('torchvision::' + name, '(Tensor dets, Tensor scores, float iou) -> Tensor')
    import torchvision
`;
