"""PyTorch's side of AlexNetStepRate.cs: the paper's AlexNet, eager, as one would write it. Told on standard input what to do.

  network BATCH    makes the network, its optimiser and a batch of random pictures; answers "ready"
  step COUNT       answers the seconds of COUNT training steps
"""
import sys
import time

import torch
from torch import nn


def alexnet():
    def lrn():
        return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)

    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4, padding=2), nn.ReLU(inplace=True), lrn(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(inplace=True), lrn(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.Flatten(),
        nn.Linear(9216, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(0.5),
        nn.Linear(4096, 1000))


def say(text):
    print(text, flush=True)


def libraries():
    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "/" in line}
    return sorted(path for path in paths if any(name in path for name in ("blas", "mkl", "dnnl", "libtorch_cpu")))


torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
say(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, MKL-DNN {torch.backends.mkldnn.is_available()}, {', '.join(libraries())}")
for line in sys.stdin:
    command, number = line.split()
    if command == "network":
        network = optimizer = pictures = labels = None
        network = alexnet()
        optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4)
        pictures, labels = torch.randn(int(number), 3, 224, 224), torch.randint(0, 1000, (int(number),))
        say("ready")
        continue
    start = time.perf_counter()
    for _ in range(int(number)):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(pictures), labels)
        loss.backward()
        optimizer.step()
    say(f"{time.perf_counter() - start:.6f}")
