"""What torchvision's networks, with weights by a formula, make of a batch by a formula. Told on standard input, one line for each answer:

  NAME SIDE BATCH train|eval float32|float64 SMALL OUT

NAME is a network of the catalogue; SMALL is 1 for the stem of small pictures. Answers the names of the parameters and buffers that were filled, joined by
spaces, after OUT holds the logits and the gradients of the input as float64. googlenet, the paper's, is not torchvision's: it is written down here from the paper.
"""
import re
import sys

import numpy
import torch
import torchvision
from torch import nn
from torchvision.models.resnet import BasicBlock


def formula(name, count):
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    x = numpy.arange(count, dtype=numpy.uint64) * 0x9E3779B1 + seed & 0xFFFFFFFF
    x ^= x >> 16
    x = x * 0x85EBCA6B & 0xFFFFFFFF
    x ^= x >> 13
    x = x * 0xC2B2AE35 & 0xFFFFFFFF
    x ^= x >> 16
    return x.astype(numpy.float64) / 2147483648 - 1


def value(name, shape):
    u = formula(name, int(numpy.prod(shape)))
    if len(shape) > 1:
        u = u * (6 / numpy.prod(shape[1:])) ** 0.5
    elif name.endswith("weight"):
        u = (1 + u / 2) * (0.3 if re.search(r"layer\d+\.\d+\.bn[23]\.weight", name) else 1)
    elif name.endswith("running_var"):
        u = 1 + u / 2
    else:
        u = u / 5
    return torch.from_numpy(u.astype(numpy.float32)).reshape(shape)


class Paper(nn.Module):
    """GoogLeNet, table 1 and figure 3 of arXiv:1409.4842, with the names of torchvision's."""

    table = [("3a", 192, 64, 96, 128, 16, 32, 32), ("3b", 256, 128, 128, 192, 32, 96, 64), ("4a", 480, 192, 96, 208, 16, 48, 64), ("4b", 512, 160, 112, 224, 24, 64, 64),
             ("4c", 512, 128, 128, 256, 24, 64, 64), ("4d", 512, 112, 144, 288, 32, 64, 64), ("4e", 528, 256, 160, 320, 32, 128, 128), ("5a", 832, 256, 160, 320, 32, 128, 128),
             ("5b", 832, 384, 192, 384, 48, 128, 128)]

    class Conv(nn.Module):
        def __init__(self, *args, **kwargs):
            super().__init__()
            self.conv = nn.Conv2d(*args, **kwargs)

        def forward(self, x):
            return torch.relu(self.conv(x))

    class Inception(nn.Module):
        def __init__(self, n, one, r3, three, r5, five, pool):
            super().__init__()
            conv = Paper.Conv
            self.branch1 = conv(n, one, 1)
            self.branch2 = nn.Sequential(conv(n, r3, 1), conv(r3, three, 3, padding=1))
            self.branch3 = nn.Sequential(conv(n, r5, 1), conv(r5, five, 5, padding=2))
            self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(n, pool, 1))

        def forward(self, x):
            return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)

    class Aux(nn.Module):
        def __init__(self, n, side):
            super().__init__()
            self.conv, self.fc1, self.fc2 = Paper.Conv(n, 128, 1), nn.Linear(2048, 1024), nn.Linear(1024, 1000)
            self.pool = nn.AvgPool2d(5, 3) if side == 224 else nn.AdaptiveAvgPool2d(4)

        def forward(self, x):
            return self.fc2(torch.relu(self.fc1(self.conv(self.pool(x)).flatten(1))))

    def __init__(self, side, small):
        super().__init__()
        self.conv1 = Paper.Conv(3, 64, 3, padding=1) if small else Paper.Conv(3, 64, 7, 2, 3)
        self.pool1 = nn.Identity() if small else nn.MaxPool2d(3, 2, ceil_mode=True)
        self.norm, self.pool = nn.LocalResponseNorm(5, 1e-4, 0.75, 1), nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2, self.conv3 = Paper.Conv(64, 64, 1), Paper.Conv(64, 192, 3, padding=1)
        for name, *sizes in self.table:
            self.add_module("inception" + name, Paper.Inception(*sizes))
        self.aux1, self.aux2, self.fc = Paper.Aux(512, side), Paper.Aux(528, side), nn.Linear(1024, 1000)

    def forward(self, x):
        x = self.pool(self.norm(self.conv3(self.conv2(self.norm(self.pool1(self.conv1(x)))))))
        taps = {}
        for name, *_ in self.table:
            x = getattr(self, "inception" + name)(x)
            if name in ("3b", "4e"):
                x = self.pool(x)
            taps[name] = x
        logits = self.fc(x.mean((2, 3)))
        return (logits, self.aux2(taps["4d"]), self.aux1(taps["4a"])) if self.training else logits


class SmallResNet(nn.Module):
    """Section 4.2 of arXiv:1512.03385, with projected shortcuts."""

    def __init__(self, depth):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        maps = 16
        for stage in range(3):
            blocks = []
            for block in range((depth - 2) // 6):
                out, stride = 16 << stage, 2 if stage and not block else 1
                down = nn.Sequential(nn.Conv2d(maps, out, 1, stride, bias=False), nn.BatchNorm2d(out)) if maps != out else None
                blocks.append(BasicBlock(maps, out, stride, down))
                maps = out
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(torch.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


def plain(self, x):
    return torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))


def make(name, side, small):
    if name == "googlenet":
        return Paper(side, small)
    shortcuts = not name.startswith("plain")
    depth = int(re.sub(r"\D", "", name) or 0)
    if depth in (20, 32, 44, 56, 110):
        network = SmallResNet(depth)
    else:
        options = {"googlenet": dict(dropout=0.0, dropout_aux=0.0, init_weights=False, aux_logits=True), "vgg": dict(dropout=0.0)}
        library = {"googlenet_bn": "googlenet", "plain34": "resnet34", "resnet50_paper": "resnet50"}.get(name, name)
        network = getattr(torchvision.models, library)(weights=None, **options.get(re.sub(r"[\d_].*", "", library), {}))
    if name == "resnet50_paper":
        for module in network.modules():
            if isinstance(module, torchvision.models.resnet.Bottleneck):
                module.conv1.stride, module.conv2.stride = module.conv2.stride, module.conv1.stride
    if not shortcuts:
        for module in network.modules():
            if isinstance(module, BasicBlock):
                module.downsample = None
                module.forward = plain.__get__(module)
    if name.startswith("vgg"):
        if small:
            network.features[[i for i, m in enumerate(network.features) if isinstance(m, nn.MaxPool2d)][0]] = nn.Identity()
        if side < 224:
            network.avgpool = nn.Identity()
            network.classifier[0] = nn.Linear(512 * (side // (16 if small else 32)) ** 2, 4096)
    elif small and depth not in (20, 32, 44, 56, 110):
        if name.startswith("densenet"):
            network.features.conv0, network.features.pool0 = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
        elif name == "googlenet_bn":
            network.conv1.conv, network.maxpool1 = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
        else:
            network.conv1, network.maxpool = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
    return network


def answer(name, side, batch, mode, precision, small, out):
    side, batch = int(side), int(batch)
    network = make(name, side, small == "1")
    names = []
    with torch.no_grad():
        for key, tensor in network.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                tensor.copy_(value(key, tuple(tensor.shape)))
                names.append(key)
    number = getattr(torch, precision)
    network.to(number).train(mode == "train")
    pictures = torch.from_numpy((2 * formula("pictures", batch * 3 * side * side)).astype(numpy.float32)).reshape(batch, 3, side, side).to(number).requires_grad_()
    results = network(pictures)
    results = results if isinstance(results, tuple) else (results,)
    direction = torch.from_numpy(formula("direction", results[0].numel()).astype(numpy.float32)).reshape(results[0].shape).to(number)
    sum((0.3 if i else 1) * (logits * direction).sum() for i, logits in enumerate(results)).backward()
    with open(out, "wb") as file:
        file.write(results[0].detach().double().numpy().tobytes() + pictures.grad.double().numpy().tobytes())
    return " ".join(names)


torch.set_num_threads(int(sys.argv[1]))
print(torchvision.__version__, torch.__version__, flush=True)
for line in sys.stdin:
    print(answer(*line.split()), flush=True)
