-- Pages that changed in size for good, soon after an attack on their site, or that
-- were changed back soon.
--
-- They come out of the same passes over all requests as web_acts, which registers
-- them. Editing with nothing before it is not listed.
SELECT * FROM changed
