// A process that receives over TLS: eight bytes of length, then so many bytes, written to a file and synced; answers one byte.
import fs from 'node:fs';
import { createServer } from 'node:tls';

const [keyFile, certFile, target] = process.argv.slice(2);
const cert = fs.readFileSync(certFile);
const server = createServer(
  { key: fs.readFileSync(keyFile), cert, ca: cert, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
  async (socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    let left = 0n;
    let head = Buffer.alloc(0);
    let file;
    for await (let chunk of socket) {
      if (!file) {
        head = Buffer.concat([head, chunk]);
        if (head.length < 8) continue;
        left = head.readBigUInt64BE();
        file = await fs.promises.open(target, 'w');
        chunk = head.subarray(8);
        head = Buffer.alloc(0);
      }
      if (chunk.length) await file.write(chunk);
      left -= BigInt(chunk.length);
      if (left > 0n) continue;
      await file.datasync();
      await file.close();
      file = undefined;
      socket.write(Buffer.of(1));
    }
  }
);
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.once('disconnect', () => process.exit(0));
