namespace ResNetFunctions.Imaging.Decoding;

/// <summary>EXIF's tag 0x0112: where the stored first row and first column belong when the picture is shown.</summary>
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
        /// <summary>Whether stored rows are shown as columns.</summary>
        public bool SwapsAxes => orientation >= Orientation.LeftTop;

        /// <summary>Whether stored columns count backwards.</summary>
        public bool FlipsColumns => orientation
            is Orientation.TopRight or Orientation.BottomRight or Orientation.RightBottom or Orientation.LeftBottom;

        /// <summary>Whether stored rows count backwards.</summary>
        public bool FlipsRows => orientation
            is Orientation.BottomRight or Orientation.BottomLeft or Orientation.RightTop or Orientation.RightBottom;
    }
}
