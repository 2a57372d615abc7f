import { runStampThread } from '../delivery/watermark/thread.ts';

/** The thread in which a node stamps documents: see delivery/watermark/stamper.ts, which starts and stops it. */
await runStampThread();
