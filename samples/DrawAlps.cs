#:package SkiaSharp
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false
// Draws alps.jpg: a fractal mountain range by a lake, by ray marching a height field (about two minutes).
//   dotnet run samples/DrawAlps.cs
using System.Numerics;
using System.Runtime.CompilerServices;
using SkiaSharp;

const int Width = 500, Height = 375, Samples = 3;
string file = args.Length > 0 ? args[0] : Path.Combine(Folder(), "alps.jpg");

using var bitmap = new SKBitmap(Width, Height);
Parallel.For(0, Height, y =>
{
    for (int x = 0; x < Width; x++)
    {
        Vector3 sum = Vector3.Zero;
        for (int s = 0; s < Samples * Samples; s++)
            sum += Scene.Shade(
                ((x + (s % Samples + 0.5f) / Samples) / Width * 2 - 1) * Width / Height,
                1 - (y + (s / Samples + 0.5f) / Samples) / Height * 2);
        Vector3 c = Vector3.SquareRoot(Vector3.Clamp(sum / (Samples * Samples), Vector3.Zero, Vector3.One)) * 255;
        bitmap.SetPixel(x, y, new SKColor((byte)c.X, (byte)c.Y, (byte)c.Z));
    }
});
using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 88);
File.WriteAllBytes(file, data.ToArray());
Console.WriteLine($"{file}: {data.Size} bytes");

static string Folder([CallerFilePath] string source = "") => Path.GetDirectoryName(source)!;

internal static class Scene
{
    private static readonly Vector3 Eye = new(0.2f, 0.75f, -3.2f);
    private const float Lake = 0.2f;
    private static readonly Vector3 Sun = Vector3.Normalize(new(-0.8f, 0.36f, -0.3f));
    private static readonly Vector3 SunLight = new(1.7f, 1.32f, 0.92f), SkyLight = new(0.18f, 0.27f, 0.44f);

    // The linear colour seen at a point of the picture, both coordinates 0 in its middle.
    public static Vector3 Shade(float x, float y)
    {
        Vector3 ray = Vector3.Normalize(new(x + 0.12f, y + 0.17f, 2.7f));
        float land = March(Eye, ray, 26);
        float water = ray.Y < 0 ? (Lake - Eye.Y) / ray.Y : float.PositiveInfinity;
        if (water >= land)
            return Look(Eye, ray, land);

        Vector3 point = Eye + ray * water;
        Vector3 ripple = 0.003f * Noise.Fractal(new Vector2(point.X, point.Z) * new Vector2(14, 40), 3, 0);
        Vector3 mirrored = Vector3.Normalize(new(ray.X + ripple.Y, MathF.Abs(ripple.Z - ray.Y), ray.Z));
        float mirror = 0.25f + 0.75f * MathF.Pow(1 - mirrored.Y, 5);
        return Vector3.Lerp(new(0.01f, 0.035f, 0.05f), Look(point, mirrored, March(point, mirrored, 26)), mirror);
    }

    private static Vector3 Look(Vector3 from, Vector3 ray, float distance)
    {
        if (float.IsPositiveInfinity(distance))
            return Sky(ray);

        Vector3 point = from + ray * distance;
        Vector3 normal = Normal(point, 0.0016f * distance + 0.0008f, 12);
        float light = MathF.Max(0, Vector3.Dot(normal, Sun));
        if (light > 0 && !float.IsPositiveInfinity(March(point + normal * 0.012f, Sun, 5)))
            light = 0;
        Vector3 lit = Ground(point, normal) * (light * SunLight + (0.6f + 0.4f * normal.Y) * SkyLight);
        float haze = 1 - MathF.Exp(-MathF.Pow(distance * 0.055f, 1.8f));
        return Vector3.Lerp(lit, Sky(ray with { Y = 0.02f }), haze);
    }

    private static Vector3 Sky(Vector3 ray)
    {
        float up = Math.Clamp(ray.Y * 2.4f, 0, 1);
        Vector3 sky = Vector3.Lerp(new(0.62f, 0.74f, 0.86f), new(0.06f, 0.19f, 0.48f), MathF.Sqrt(up));
        Vector2 at = new Vector2(ray.X, ray.Z) / (MathF.Max(ray.Y, 0) + 0.12f);
        float cloud = Noise.Fractal(at * new Vector2(0.8f, 1.7f) + new Vector2(3.1f, 8.3f), 5, 0).X;
        return Vector3.Lerp(sky, new(0.93f, 0.95f, 0.98f), Step(0.52f, 0.95f, cloud) * Step(0, 0.12f, ray.Y) * 0.75f);
    }

    // Snow on high and gentle slopes, rock on steep ones, meadow below.
    private static Vector3 Ground(Vector3 point, Vector3 normal)
    {
        float grain = Noise.Fractal(new Vector2(point.X, point.Z) * 9, 4, 0).X;
        Vector3 rock = Vector3.Lerp(new(0.13f, 0.12f, 0.12f), new(0.24f, 0.21f, 0.19f), grain);
        Vector3 meadow = Vector3.Lerp(new(0.045f, 0.075f, 0.022f), new(0.10f, 0.13f, 0.04f), grain);
        Vector3 ground = Vector3.Lerp(rock, meadow, Step(0.72f, 0.86f, normal.Y) * Step(0.85f, 0.55f, point.Y));
        float snow = Step(0.62f, 0.95f, point.Y + 0.3f * grain) * Step(0.42f, 0.62f, normal.Y + 0.1f * grain);
        return Vector3.Lerp(ground, new(0.86f, 0.89f, 0.94f), snow);
    }

    private static float March(Vector3 from, Vector3 ray, float limit)
    {
        for (float t = 0.01f; t < limit;)
        {
            Vector3 p = from + ray * t;
            float above = p.Y - Land(p.X, p.Z, 8);
            if (above < 0.0008f * t)
                return t;
            if (p.Y > 3.4f && ray.Y > 0)
                break;
            t += 0.3f * above + 0.0006f * t;
        }
        return float.PositiveInfinity;
    }

    private static Vector3 Normal(Vector3 p, float e, int octaves) => Vector3.Normalize(new(
        Land(p.X - e, p.Z, octaves) - Land(p.X + e, p.Z, octaves), 2 * e,
        Land(p.X, p.Z - e, octaves) - Land(p.X, p.Z + e, octaves)));

    // A range that rises with the distance, around a valley that leads to it.
    private static float Land(float x, float z, int octaves)
    {
        float rise = Step(-1.5f, 5, z) * (0.75f + 0.5f * Step(0.2f, 2.4f, MathF.Abs(x - 0.15f * z)));
        return 3.3f * rise * Noise.Fractal(new Vector2(x, z) * 0.42f + new Vector2(23.5f, 4.2f), octaves, 1).X;
    }

    private static float Step(float a, float b, float v)
    {
        float t = Math.Clamp((v - a) / (b - a), 0, 1);
        return t * t * (3 - 2 * t);
    }
}

internal static class Noise
{
    // Sum of octaves. With erosion, octaves count less on steep ground, as in real mountains.
    public static Vector3 Fractal(Vector2 p, int octaves, float erosion)
    {
        float sum = 0, weight = 0.5f;
        Vector2 slope = Vector2.Zero;
        for (int i = 0; i < octaves; i++, weight /= 2)
        {
            Vector3 n = Value(p);
            slope += new Vector2(n.Y, n.Z);
            sum += weight * n.X / (1 + erosion * slope.LengthSquared());
            p = new Vector2(1.6f * p.X - 1.2f * p.Y, 1.2f * p.X + 1.6f * p.Y); // doubled and turned
        }
        return new(sum, slope.X, slope.Y);
    }

    // Value noise on the unit grid and its two derivatives.
    private static Vector3 Value(Vector2 p)
    {
        float x = MathF.Floor(p.X), y = MathF.Floor(p.Y), u = p.X - x, v = p.Y - y;
        float a = Hash((int)x, (int)y), b = Hash((int)x + 1, (int)y);
        float c = Hash((int)x, (int)y + 1), d = Hash((int)x + 1, (int)y + 1);
        float su = u * u * u * (u * (6 * u - 15) + 10), sv = v * v * v * (v * (6 * v - 15) + 10);
        float k = a - b - c + d;
        return new(a + (b - a) * su + (c - a) * sv + k * su * sv,
            30 * u * u * (u - 1) * (u - 1) * (b - a + k * sv), 30 * v * v * (v - 1) * (v - 1) * (c - a + k * su));
    }

    private static float Hash(int x, int y)
    {
        uint h = (uint)x * 0x9E3779B1u ^ (uint)y * 0x85EBCA77u;
        h = (h ^ (h >> 15)) * 0xC2B2AE3Du;
        h = (h ^ (h >> 13)) * 0x27D4EB2Fu;
        return (h >> 8) / 16777216f;
    }
}
