/** One wrong input of a request: `path` is its JSON path, `message` is ready to show. */
export interface FieldError {
  path: string;
  key: string;
  message: string;
}

/** Body of an error answer (RFC 9457), worded by the server in the language of the page. */
export interface Problem {
  title?: string;
  status?: number;
  code?: string;
  key?: string;
  detail?: string;
  errors?: FieldError[] | null;
  current?: unknown;
}

/** Codes that the page itself gives, beside the codes of the server. */
export const offlineCode = 'offline';

/** What every failed call throws. `code` is stable and shown to the user so that support can name it. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly key: string;
  readonly detail: string;
  readonly fields: readonly FieldError[];
  /** The state as it is now, only with code "stale". */
  readonly current: unknown;

  constructor(problem: Problem, status: number) {
    super(problem.title ?? '');
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? (status === 0 ? offlineCode : `http_${status}`);
    this.key = problem.key ?? '';
    this.detail = problem.detail ?? '';
    this.fields = problem.errors ?? [];
    this.current = problem.current;
  }

  /** Text of the wrong input at this JSON path, or undefined. */
  field(path: string): string | undefined {
    return this.fields.find((f) => f.path === path)?.message;
  }

  /** True when the same call may succeed later without any change by the user. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Makes an ApiError of anything that was thrown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({}, 0);
}

/** Reads the body of an error answer, also when a proxy in between sent HTML. */
export async function problemOf(response: Response): Promise<ApiError> {
  const type = response.headers.get('Content-Type') ?? '';
  if (type.includes('json')) {
    try {
      return new ApiError((await response.json()) as Problem, response.status);
    } catch {
      // a cut answer: told by its status alone
    }
  }
  return new ApiError({}, response.status);
}
