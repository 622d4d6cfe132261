/**
 * How every call to AWS is bounded: three attempts of at most five seconds each, so that a function of 29 seconds can
 * still say that AWS does not answer. The SDK retries what may go better only, with jitter, and stops to retry once most
 * calls of a client fail.
 */
export const BOUNDED_CALLS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

/** Where somebody waits who has nothing to do with the call, and what fails is made up for later. */
export const BRIEF_CALLS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};
