/** Responses of one stream that are kept for expressions; those beyond are counted and let go. */
export const RESPONSES_KEPT_LIMIT = 10_000;
