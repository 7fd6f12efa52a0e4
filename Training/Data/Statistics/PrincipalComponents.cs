namespace AlexNetMl.Training;

/// <summary>Eigenvalues and eigenvectors of symmetric 3×3 matrices by Jacobi's rotations.</summary>
internal static class PrincipalComponents
{
    private const int MostSweeps = 64;

    /// <summary>Eigenvalues in descending order, and as rows the unit eigenvectors, the largest element of each positive.</summary>
    /// <param name="matrix">Nine values, symmetric.</param>
    internal static (double[] Values, double[] Vectors) Of(ReadOnlySpan<double> matrix)
    {
        var a = new double[3, 3];
        var v = new double[3, 3];
        for (int i = 0; i < 9; i++)
            a[i / 3, i % 3] = matrix[i];
        for (int i = 0; i < 3; i++)
            v[i, i] = 1;
        for (int sweep = 0; sweep < MostSweeps && (a[0, 1] != 0 || a[0, 2] != 0 || a[1, 2] != 0); sweep++)
        {
            Rotate(a, v, 0, 1);
            Rotate(a, v, 0, 2);
            Rotate(a, v, 1, 2);
        }

        int[] order = [0, 1, 2];
        Array.Sort(order, (x, y) => a[x, x] != a[y, y] ? a[y, y].CompareTo(a[x, x]) : x.CompareTo(y));
        var values = new double[3];
        var vectors = new double[9];
        for (int i = 0; i < 3; i++)
        {
            int column = order[i], largest = 0;
            for (int c = 1; c < 3; c++)
            {
                if (Math.Abs(v[c, column]) > Math.Abs(v[largest, column]))
                    largest = c;
            }
            int sign = v[largest, column] < 0 ? -1 : 1;
            values[i] = Math.Max(0, a[column, column]);         // a covariance's are not negative but for rounding
            for (int c = 0; c < 3; c++)
                vectors[3 * i + c] = sign * v[c, column];
        }
        return (values, vectors);
    }

    // Golub and Van Loan, Matrix Computations, 8.5: the rotation that makes a[p, q] zero.
    private static void Rotate(double[,] a, double[,] v, int p, int q)
    {
        if (Math.Abs(a[p, q]) < 1e-300)
        {
            a[p, q] = a[q, p] = 0;
            return;
        }
        double tau = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        double t = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + tau * tau));
        double c = 1 / Math.Sqrt(1 + t * t), s = t * c;
        double apq = a[p, q];
        int r = 3 - p - q;
        a[p, p] -= t * apq;
        a[q, q] += t * apq;
        a[p, q] = a[q, p] = 0;
        (double arp, double arq) = (a[r, p], a[r, q]);
        a[r, p] = a[p, r] = c * arp - s * arq;
        a[r, q] = a[q, r] = s * arp + c * arq;
        for (int i = 0; i < 3; i++)
            (v[i, p], v[i, q]) = (c * v[i, p] - s * v[i, q], s * v[i, p] + c * v[i, q]);
    }
}
