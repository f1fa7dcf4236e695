/**
 * Runs a few jobs at a time, in order. If an error has a retry time, the job goes back to the front and the queue waits.
 * It then continues with one job at a time, and one more after each success.
 */
export class Queue {
  static InFlight = 3;
  static Attempts = 6;

  #waiting = [];
  #running = 0;
  #limit = Queue.InFlight;
  #restUntil = 0;
  #timer = 0;

  constructor(work, changed) {
    this.work = work;
    this.changed = changed;
  }

  add(job) {
    Object.assign(job, { state: 'waiting', attempts: 0, until: 0, problem: null, abort: new AbortController() });
    this.#waiting.push(job);
    this.changed(job);
    this.#pump();
  }

  /** Continues now, before the retry time. */
  wake() {
    this.#restUntil = 0;
    this.#pump();
  }

  remove(job) {
    this.#waiting = this.#waiting.filter((other) => other !== job);
    job.abort.abort();
  }

  #pump() {
    clearTimeout(this.#timer);
    const rest = this.#restUntil - Date.now();
    if (rest > 0) {
      this.#timer = setTimeout(() => this.#pump(), rest);
      return;
    }
    while (this.#running < this.#limit && this.#waiting.length) this.#run(this.#waiting.shift());
  }

  async #run(job) {
    this.#running++;
    this.#turn(job, 'working');
    job.attempts++;
    try {
      await this.work(job);
      this.#limit = Math.min(this.#limit + 1, Queue.InFlight);
      this.#turn(job, 'done');
    } catch (problem) {
      if (!job.abort.signal.aborted) this.#fail(job, problem);
    } finally {
      this.#running--;
      this.#pump();
    }
  }

  #fail(job, problem) {
    job.problem = problem;
    if (problem.retryAfter == null || job.attempts >= Queue.Attempts) return this.#turn(job, 'failed');
    this.#limit = 1;
    job.until = Date.now() + problem.retryAfter * 1000;
    this.#restUntil = Math.max(this.#restUntil, job.until);
    this.#waiting.unshift(job);
    this.#turn(job, 'waiting');
  }

  #turn(job, state) {
    if (job.abort.signal.aborted) return;
    job.state = state;
    this.changed(job);
  }
}
