// What reached the scripted API and what became of it: the oracle of tests that ask "how often did Claude see this text?"
// and "did two processes talk at once?". Owns memory of past requests and waiting for one; decides no answers.

export interface LoggedRequest {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  endedAt?: number;
  /** A request beside the conversation (title, token count, quota probe). */
  side: boolean;
  path: string;
  model: string;
  sessionId: string | null;
  auth: 'key' | 'oauth' | 'none';
  userTexts: string[];
  messages: number;
  /** The directives begun in this answer, in their own words; null until the first. */
  stepTaken: string | null;
  outcome?: 'answered' | 'error' | 'dropped' | 'aborted';
  status?: number;
}

interface Waiter {
  matches: (request: LoggedRequest) => boolean;
  resolve: (request: LoggedRequest) => void;
}

const KEPT_REQUESTS = 10_000;

export class RequestLog {
  readonly requests: LoggedRequest[] = [];
  readonly #waiters = new Set<Waiter>();

  add(request: LoggedRequest): LoggedRequest {
    this.requests.push(request);
    if (this.requests.length > KEPT_REQUESTS) this.requests.shift();
    this.#tell(request);
    return request;
  }

  update(request: LoggedRequest, change: Partial<LoggedRequest>): void {
    Object.assign(request, change);
    this.#tell(request);
  }

  /** The first kept request that matches, now or within the time; a request is looked at anew whenever it changes. */
  async waitFor(matches: (request: LoggedRequest) => boolean, timeoutMs: number): Promise<LoggedRequest> {
    const known = this.requests.find((request) => matches(request));
    if (known !== undefined) return known;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`no matching request within ${timeoutMs} ms; seen: ${this.#summary()}`));
      }, timeoutMs);
      const waiter: Waiter = {
        matches,
        resolve: (request) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(request);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  #tell(request: LoggedRequest): void {
    for (const waiter of this.#waiters) if (waiter.matches(request)) waiter.resolve(request);
  }

  #summary(): string {
    const newest = this.requests.slice(-10).map((each) => ({
      side: each.side,
      newest: each.userTexts.at(-1)?.slice(0, 80),
      stepTaken: each.stepTaken,
      outcome: each.outcome ?? 'open',
    }));
    return `${this.requests.length} requests, newest ${JSON.stringify(newest)}`;
  }
}
