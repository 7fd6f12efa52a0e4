"""PyTorch's side of NetworkStepRate.cs: torchvision's networks, eager, as one would train them. Told on standard input what to do.

  network NAME BATCH SIDE    makes the network, its optimiser and a batch of random pictures; answers "ready"
  step COUNT                 answers the seconds of COUNT training steps
"""
import sys
import time

import torch
import torchvision
from torch import nn
from torchvision.models.googlenet import BasicConv2d


def paper_googlenet():
    """torchvision's with biases instead of batch normalizations, 5×5 branches and response normalization."""
    network = torchvision.models.googlenet(init_weights=False, aux_logits=True, dropout=0.4)
    for module in network.modules():
        if isinstance(module, BasicConv2d):
            conv = module.conv
            module.conv = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding)
            module.bn = nn.Identity()
    for name, module in network.named_children():
        if name.startswith("inception"):
            conv = module.branch3[1].conv
            module.branch3[1].conv = nn.Conv2d(conv.in_channels, conv.out_channels, 5, padding=2)
    network.maxpool4 = nn.MaxPool2d(3, 2, ceil_mode=True)
    network.maxpool1 = nn.Sequential(network.maxpool1, nn.LocalResponseNorm(5, 1e-4, 0.75, 1))
    network.maxpool2 = nn.Sequential(nn.LocalResponseNorm(5, 1e-4, 0.75, 1), network.maxpool2)
    return network


def make(name):
    if name == "googlenet":
        return paper_googlenet()
    options = dict(init_weights=False, aux_logits=True) if name == "googlenet_bn" else {}
    return getattr(torchvision.models, name.replace("googlenet_bn", "googlenet"))(weights=None, **options)


def say(text):
    print(text, flush=True)


def libraries():
    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "/" in line}
    return sorted(path for path in paths if any(name in path for name in ("blas", "mkl", "dnnl", "libtorch_cpu")))


torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
say(f"PyTorch {torch.__version__}, torchvision {torchvision.__version__}, {torch.get_num_threads()} threads, {', '.join(libraries())}")
for line in sys.stdin:
    command, *values = line.split()
    if command == "network":
        name, batch, side = values[0], int(values[1]), int(values[2])
        network = optimizer = pictures = labels = None
        network = make(name).train()
        optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4)
        pictures, labels = torch.randn(batch, 3, side, side), torch.randint(0, 1000, (batch,))
        say("ready")
        continue
    start = time.perf_counter()
    for _ in range(int(values[0])):
        optimizer.zero_grad()
        results = network(pictures)
        results = results if isinstance(results, tuple) else (results,)
        loss = sum((0.3 if i else 1) * nn.functional.cross_entropy(logits, labels) for i, logits in enumerate(results))
        loss.backward()
        optimizer.step()
    say(f"{time.perf_counter() - start:.6f}")
