import { NS_PER_MS } from '../../base/time/clock.ts';

/** A send is late beyond this, or beyond the share below of what it is held against. */
export const LATE_SEND_NS = NS_PER_MS;
/**
 * Of the median service time of its second; for INVALID, of the response time that is judged too:
 * who waits 100 ms for an answer is not deceived by a send that is 5 ms late.
 */
export const LATE_SEND_SHARE = 0.05;
/** A second is bad when more than this share of its sends was late: some stray ones always are. */
export const BAD_SECOND_SHARE = 0.05;
/** Fewer late sends than this make no second bad, whatever their share. */
export const LATE_SENDS_LEAST = 5;
/** A run is INVALID when more than this share of its seconds is bad … */
export const BAD_SECONDS_SHARE = 0.01;
/** … and at least so many are: of a short run one second is more than a hundredth. */
export const BAD_SECONDS_LEAST = 2;
/** Or when more than this share of all its sends was late, however short it was. */
export const LATE_RUN_SHARE = 0.5;
/** Or when late sends of a single bad second make up more than this share of the judged tail. */
export const BAD_TAIL_SHARE = 0.1;
/** Of the judged service time that may have passed in our own event loop. */
export const RECEIVE_ERROR_SHARE = 0.05;
/** Of a worker's time, in its callbacks. */
export const BUSY_SHARE = 0.9;
/** Of a worker's time, in garbage collection. */
export const GC_SHARE = 0.05;
/** Of all CPU time, taken away by the hypervisor. */
export const STEAL_SHARE = 0.05;
/** Of all CPU time, with other programs: worth naming as a cause. */
export const OTHERS_SHARE = 0.3;
/** Of the connections asked for, open in the median second. */
export const CONNECTIONS_SHARE = 0.99;
/** A worker that had work for this share of its time … */
export const STARVED_BUSY_SHARE = 0.3;
/** … and ran for less than this share of it was kept from its core. */
export const STARVED_RUNNING_SHARE = 0.5;
/** Bad seconds whose response times are kept, to see how much of the tail they hold. */
export const KEPT_BAD_SECONDS = 100;
