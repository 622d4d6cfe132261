import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Inflates files to standard output from a stream as a network gives it: a little at a time, and nothing announced. */
class SlowGunzip {
  private static final int READ_BYTES_MAX = 1000;

  public static void main(String[] files) throws IOException {
    for (String file : files) {
      InputStream slow = new FilterInputStream(new FileInputStream(file)) {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
          return super.read(into, offset, Math.min(length, READ_BYTES_MAX));
        }

        @Override
        public int available() {
          return 0;
        }
      };
      try (InputStream lines = new GZIPInputStream(slow)) {
        lines.transferTo(System.out);
      }
    }
    System.out.flush();
  }
}
