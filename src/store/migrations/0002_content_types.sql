-- What a body was sent as: without it a kept answer of several pages, or one in another character encoding, cannot be read again.
ALTER TABLE body ADD COLUMN content_type TEXT;
UPDATE body SET content_type = (SELECT content_type FROM source WHERE accepted_body = body.hash AND content_type IS NOT NULL);
