-- What is asked of all offerings at once: who lists each, its stage, its last day and its two prices. The order is the one
-- in which offerings are entered, so that what is new stands at the end. store/offerings.rs asks in these very words.
CREATE INDEX claim_told ON claim (subject, attribute, source, value, opened_at)
    WHERE closed_at IS NULL AND attribute IN ('date.retires', 'listed', 'price.input', 'price.output', 'stage');
