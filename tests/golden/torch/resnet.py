"""A small PyTorch reference of 1D-ResNet50, written from He et al. (2016) with torchvision's names.

torchvision's resnet50 with its k x k kernels k samples wide: a first convolution 7 wide, max pooling, four stages of
bottlenecks whose stride is in the middle convolution, the mean over time, and where asked for a linear head. Parameter
names are torchvision's, so one state dictionary serves both sides.
"""

import torch.nn.functional as F
from torch import nn

LEADS = 12


class Bottleneck(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv1 = nn.Conv1d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm1d(width)
        self.conv2 = nn.Conv1d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm1d(width)
        self.conv3 = nn.Conv1d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm1d(4 * width)
        if stride != 1 or channels != 4 * width:
            self.downsample = nn.Sequential(
                nn.Conv1d(channels, 4 * width, 1, stride=stride, bias=False), nn.BatchNorm1d(4 * width)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        identity = self.downsample(x) if hasattr(self, "downsample") else x
        return F.relu(self.bn3(self.conv3(y)) + identity)


class ResNet(nn.Module):
    def __init__(self, width=64, blocks=(3, 4, 6, 3), outputs=0):
        super().__init__()
        self.conv1 = nn.Conv1d(LEADS, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm1d(width)
        channels = width
        for stage, count in enumerate(blocks):
            inside = width * 2**stage
            layer = []
            for block in range(count):
                layer.append(Bottleneck(channels, inside, 2 if block == 0 and stage > 0 else 1))
                channels = 4 * inside
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
        if outputs > 0:
            self.fc = nn.Linear(channels, outputs)

    def features(self, ecgs):
        x = F.max_pool1d(F.relu(self.bn1(self.conv1(ecgs))), 3, stride=2, padding=1)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return x.mean(dim=2)

    def logits(self, ecgs):
        return self.fc(self.features(ecgs))
