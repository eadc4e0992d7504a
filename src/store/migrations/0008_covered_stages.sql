-- Which further stages the source's words cover: 'ga: limited preview' where the word read as ga is a preview's, too.
ALTER TABLE source ADD COLUMN covered_stages TEXT NOT NULL DEFAULT '';
