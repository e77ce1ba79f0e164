-- Stretches of time in which a site got more than it shows itself, and what speaks
-- for programs and what for people.
--
-- They come out of the same passes over all requests as web_acts, which registers
-- them. A row whose log is too short to know its season has no place and is open.
SELECT * FROM flooded
