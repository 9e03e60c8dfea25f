import "@effect-postmark/test-double/vitest"
