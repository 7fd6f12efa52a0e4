"""Writes foreign.onnx: a model made by the reference implementation (Debian's python3-onnx 1.12), with parts that AlexNetMl.Onnx names
and parts it does not (training_info, an opaque type), to prove that a foreign file comes back byte for byte.

    /usr/bin/python3 make_foreign.py
"""
import os

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 2, 4, 4])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 3, None, 0])
weights = numpy_helper.from_array(numpy.arange(54, dtype=numpy.float32).reshape(3, 2, 3, 3), "w")
bias = helper.make_tensor("b", TensorProto.FLOAT, [3], [0.5, -0.0, 2.0])
shape = helper.make_tensor("shape", TensorProto.INT64, [2], [0, -1])
conv = helper.make_node("Conv", ["x", "w", "b"], ["c"], name="conv", kernel_shape=[3, 3], pads=[0, 0, 0, 0], group=1)
branch = helper.make_graph([helper.make_node("Identity", ["c"], ["then"])], "then", [], [
    helper.make_tensor_value_info("then", TensorProto.FLOAT, None)])
condition = helper.make_node("If", ["flag"], ["y"], then_branch=branch, else_branch=branch)
graph = helper.make_graph([conv, condition], "foreign", [x, helper.make_tensor_value_info("flag", TensorProto.BOOL, [])], [y],
                          [weights, bias, shape], doc_string="made by the reference implementation")
graph.value_info.append(onnx.ValueInfoProto(
    name="s", type=helper.make_sequence_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, [1]))))
graph.value_info.append(onnx.ValueInfoProto(name="o"))
graph.value_info[-1].type.opaque_type.domain = "example"
graph.value_info[-1].type.opaque_type.name = "thing"
model = helper.make_model(graph, producer_name="reference", opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("example", 1)])
model.metadata_props.add(key="author", value="r\u00e9f\u00e9rence")
training = model.training_info.add()
training.initialization_binding.add(key="a", value="b")
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "foreign.onnx"), "wb") as file:
    file.write(model.SerializeToString(deterministic=True))
