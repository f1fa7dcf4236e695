export const ShortSide = 512;
const Readable = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/bmp'];

/**
 * Scales a picture down to 512 pixels on its short side, and converts formats that the server does not read to JPEG.
 * A file that the browser cannot decode is sent unchanged: the server answers why.
 */
export async function scaled(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return { blob: file };

  const { width, height } = bitmap;
  const factor = Math.min(1, ShortSide / Math.min(width, height));
  const blob = factor < 1 || !Readable.includes(file.type) ? await jpeg(bitmap, factor) : file;
  bitmap.close();
  return blob.size < file.size || !Readable.includes(file.type) ? { blob, from: { width, height } } : { blob: file };
}

/** A JPEG of a bitmap or a playing video. */
export async function jpeg(source, factor, quality = 0.92) {
  const width = Math.max(1, Math.round((source.videoWidth ?? source.width) * factor));
  const height = Math.max(1, Math.round((source.videoHeight ?? source.height) * factor));
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, width, height);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
}
