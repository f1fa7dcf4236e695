namespace ResNetFunctions.Imaging.Decoding;

/// <summary>EXIF's tag 0x0112: where the first stored row and column belong.</summary>
internal enum Orientation : byte
{
    TopLeft = 1,
    TopRight = 2,
    BottomRight = 3,
    BottomLeft = 4,
    LeftTop = 5,
    RightTop = 6,
    RightBottom = 7,
    LeftBottom = 8,
}

internal static class OrientationExtensions
{
    extension(Orientation orientation)
    {
        public bool SwapsAxes => orientation >= Orientation.LeftTop;

        public bool FlipsColumns => orientation
            is Orientation.TopRight or Orientation.BottomRight or Orientation.RightBottom or Orientation.LeftBottom;

        public bool FlipsRows => orientation
            is Orientation.BottomRight or Orientation.BottomLeft or Orientation.RightTop or Orientation.RightBottom;
    }
}
