"""opencv.py FOLDER: runs every network of the folder in OpenCV's dnn module."""
import json
import pathlib
import sys

import cv2
import numpy

folder = pathlib.Path(sys.argv[1])
for description in sorted(folder.glob("*.json")):
    network = json.loads(description.read_text())
    name = network["name"]
    pixels = numpy.fromfile(folder / f"{name}.input", dtype=numpy.float32).reshape(network["shape"])
    try:
        net = cv2.dnn.readNetFromONNX(str(folder / f"{name}.onnx"))
        net.setInput(pixels)
        net.forward("Logits").astype(numpy.float32).tofile(folder / f"{name}.opencv")
        print(f"OpenCV {cv2.__version__}: {name}")
    except cv2.error as error:
        print(f"OpenCV {cv2.__version__} cannot run {name}: {error}", file=sys.stderr)
