/** Lets the event loop turn, so that long work never delays an answer in a thread. Called about every 20 ms of work. */
export type Pause = () => Promise<void>;

export const pauseForEventLoop: Pause = () => new Promise((resolve) => setImmediate(resolve));
