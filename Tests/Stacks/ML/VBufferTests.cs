using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class VBufferTests
{
    [TestMethod]
    public void Every_reading_of_a_buffer_agrees_with_the_array_it_stands_for()
    {
        var random = new Random(7);
        VBuffer<int> reused = default;
        for (int round = 0; round < 2000; round++)
        {
            (int[] array, VBuffer<int> buffer) = Make(random);
            Assert.AreEqual(array.Length, buffer.Length);
            CollectionAssert.AreEqual(array, buffer.DenseValues().ToArray());
            CollectionAssert.AreEqual(array, buffer.Items(all: true).Select(item => item.Value).ToArray());
            CollectionAssert.AreEqual(Enumerable.Range(0, array.Length).ToArray(), buffer.Items(all: true).Select(item => item.Key).ToArray());
            foreach (KeyValuePair<int, int> item in buffer.Items())
            {
                Assert.AreEqual(array[item.Key], item.Value);
            }
            Assert.AreEqual(buffer.GetValues().Length, buffer.Items().Count());
            Assert.AreEqual(buffer.IsDense ? 0 : buffer.GetValues().Length, buffer.GetIndices().Length);
            int single = -1;
            for (int i = 0; i < array.Length; i++)
            {
                Assert.AreEqual(array[i], buffer.GetItemOrDefault(i));
                buffer.GetItemOrDefault(i, ref single);
                Assert.AreEqual(array[i], single);
            }

            var span = new int[array.Length + 3];
            Array.Fill(span, -7);
            buffer.CopyTo(span, 2, 0);
            CollectionAssert.AreEqual((int[])[-7, -7, .. array, -7], span);

            // The same destination over and over: what it held before must not show.
            buffer.CopyTo(ref reused);
            Assert.AreEqual(buffer.IsDense, reused.IsDense);
            CollectionAssert.AreEqual(array, reused.DenseValues().ToArray());
            buffer.CopyToDense(ref reused);
            Assert.IsTrue(reused.IsDense);
            CollectionAssert.AreEqual(array, reused.GetValues().ToArray());
            int from = random.Next(array.Length + 1);
            int length = random.Next(array.Length - from + 1);
            buffer.CopyTo(ref reused, from, length);
            CollectionAssert.AreEqual(array[from..(from + length)], reused.DenseValues().ToArray());
            VBuffer<int>.Copy(array, from, ref reused, length);
            CollectionAssert.AreEqual(array[from..(from + length)], reused.GetValues().ToArray());
        }
    }

    [TestMethod]
    public void The_default_value_of_a_copy_fills_what_a_sparse_buffer_leaves_out()
    {
        var sparse = new VBuffer<float>(4, 1, [5f], [2]);
        var span = new float[4];
        sparse.CopyTo(span, 0, 9f);
        CollectionAssert.AreEqual((float[])[9, 9, 5, 9], span);
    }

    [TestMethod]
    public void An_editor_reuses_arrays_that_are_large_enough()
    {
        var array = new float[8];
        var buffer = new VBuffer<float>(8, array);
        VBufferEditor<float> editor = VBufferEditor.Create(ref buffer, 5);
        Assert.IsFalse(editor.CreatedNewValues);
        editor.Values.Fill(3);
        buffer = editor.Commit();
        Assert.AreEqual(5, buffer.Length);
        CollectionAssert.AreEqual((float[])[3, 3, 3, 3, 3, 0, 0, 0], array);

        VBufferEditor<float> larger = VBufferEditor.Create(ref buffer, 9, keepOldOnResize: true);
        Assert.IsTrue(larger.CreatedNewValues);
        Assert.AreEqual(9, larger.Values.Length);
        Assert.AreEqual(3f, larger.Values[4]);
    }

    [TestMethod]
    public void A_sparse_buffer_is_built_with_values_and_indices_and_may_be_truncated()
    {
        VBuffer<int> buffer = default;
        VBufferEditor<int> editor = VBufferEditor.Create(ref buffer, 10, 3);
        (editor.Indices[0], editor.Values[0]) = (2, 20);
        (editor.Indices[1], editor.Values[1]) = (7, 70);
        buffer = editor.CommitTruncated(2);
        Assert.IsFalse(buffer.IsDense);
        CollectionAssert.AreEqual((int[])[0, 0, 20, 0, 0, 0, 0, 70, 0, 0], buffer.DenseValues().ToArray());
        CollectionAssert.AreEqual((int[])[2, 7], buffer.GetIndices().ToArray());

        VBufferEditor<int> again = VBufferEditor.CreateFromBuffer(ref buffer);
        Assert.AreEqual(2, again.Values.Length);
        again.Values[1] = 71;
        Assert.AreEqual(71, again.Commit().GetItemOrDefault(7));
    }

    [TestMethod]
    public void Impossible_buffers_and_indices_are_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<int>(-1, []));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, [1, 2]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, 2, [1, 2], [0]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<int>(1, 2, [1, 2], [0, 1]));
        var buffer = new VBuffer<int>(2, [1, 2]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => buffer.GetItemOrDefault(2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => buffer.CopyTo(new int[1]));
    }

    [TestMethod]
    public void A_default_buffer_is_empty_and_dense()
    {
        VBuffer<float> buffer = default;
        Assert.AreEqual(0, buffer.Length);
        Assert.IsTrue(buffer.IsDense);
        Assert.AreEqual(0, buffer.GetValues().Length);
        Assert.IsFalse(buffer.DenseValues().Any());
    }

    private static (int[] Array, VBuffer<int> Buffer) Make(Random random)
    {
        var array = new int[random.Next(12)];
        int[] indices = Enumerable.Range(0, array.Length).Where(_ => random.Next(3) > 0).ToArray();
        foreach (int index in indices)
        {
            array[index] = random.Next(-5, 6);
        }
        if (random.Next(2) == 0)
        {
            return (array, new VBuffer<int>(array.Length, [.. array, 99]));
        }
        return (array, new VBuffer<int>(array.Length, indices.Length, indices.Select(i => array[i]).ToArray(), indices));
    }
}
