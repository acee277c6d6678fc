"""Vocabulary of the seed's four departments for house, kitchen and office; read by seed/catalogue.py."""

from typing import Final

from order_service.catalog.seed.kinds import Department, Kind

COLOURS: Final = ("White", "Black", "Sage", "Terracotta")
PACKS: Final = ("250 g", "500 g", "1 kg")

GROCERY: Final = Department(
    "GRO",
    "Coffee, Tea & Pantry",
    (
        Kind(
            "Coffee beans", "Coffee Beans", ("Monte Alto", "Harbour Roast", "Café Lume"),
            ("Sunrise", "Piazza", "Highland", "Midnight"), ("Espresso", "Single Origin", "Dark Roast", "Decaf"),
            {"weight": PACKS, "roast": ("light", "medium", "dark"), "organic": (True, False)}, (699, 3299),
            "Freshly roasted whole bean coffee with notes of chocolate, nut and fruit.", "weight",
        ),
        Kind(
            "Ground coffee", "Ground Coffee", ("Monte Alto", "Harbour Roast", "Tilda's"),
            ("Morning", "House", "Crema", "Filter"), ("Medium Roast", "French Roast", "Fairtrade", "Strong"),
            {"weight": PACKS, "grind": ("fine", "medium", "coarse")}, (549, 2499),
            "Ground coffee for filter, moka pot and French press.", "weight",
        ),
        Kind(
            "Tea", "Tea", ("Tilda's", "Green Valley", "Silk Road"), ("Garden", "Imperial", "Evening", "Classic"),
            ("Green", "Earl Grey", "Peppermint", "Rooibos"),
            {"bags": (20, 50, 100), "organic": (True, False), "caffeine": (True, False)}, (299, 1899),
            "Hand-picked leaves for a quiet cup.", "bags",
        ),
        Kind(
            "Chocolate", "Chocolate Bar", ("Café Lume", "Cocoa Works", "Alpenrose"),
            ("Velvet", "Origin", "Crunch", "Pure"),
            ("Dark 70%", "Milk", "Hazelnut", "Sea Salt"),
            {"grams": (80, 100, 200), "vegan": (True, False)}, (249, 1299),
            "Slowly conched chocolate from beans of one region.",
        ),
        Kind(
            "Oils & pasta", "Olive Oil", ("Oliveto", "Green Valley", "Alba"), ("Primo", "Verde", "Reserve", "Casa"),
            ("Extra Virgin", "Cold-Pressed", "Lemon", "Chilli"),
            {"millilitres": (250, 500, 750), "organic": (True, False)}, (599, 2999),
            "Green and peppery oil for salads and cooking.", "millilitres",
        ),
    ),
)  # fmt: skip
KITCHEN: Final = Department(
    "KIT",
    "Kitchen",
    (
        Kind(
            "Coffee machines", "Coffee Machine", ("Barista Works", "Crema", "Norrvik"),
            ("Bar", "Latte", "Compact", "Pro"), ("Espresso", "Bean-to-Cup", "Filter", "Capsule"),
            {"bars": (9, 15, 19), "milk_frother": (True, False), "colour": COLOURS}, (4999, 99900),
            "Makes coffee as at the corner café, at the press of a button.",
        ),
        Kind(
            "Kettles", "Kettle", ("Norrvik", "Hearthly", "Crema"), ("Arc", "Stream", "Classic", "Gooseneck"),
            ("Electric", "Variable Temperature", "Glass", "Stovetop"),
            {"litres": (0.8, 1.2, 1.7), "colour": COLOURS}, (1999, 12999),
            "Boils water quickly and switches itself off.", "colour",
        ),
        Kind(
            "Cookware", "Frying Pan", ("Ironwood", "Casserole & Sons", "Norrvik"), ("Daily", "Chef", "Rustic", "Light"),
            ("Non-Stick", "Cast Iron", "Stainless Steel", "Ceramic"),
            {"diameter_cm": (20, 24, 28), "induction": (True, False)}, (1999, 14999),
            "Heats evenly and lasts for years of daily cooking.", "diameter_cm",
        ),
        Kind(
            "Knives", "Kitchen Knife", ("Ironwood", "Sakai Forge", "Casserole & Sons"),
            ("Edge", "Santoku", "Heritage", "Core"),
            ("Chef's", "Paring", "Bread", "Carving"),
            {"blade_cm": (9, 15, 20), "steel": ("stainless", "carbon", "damascus")}, (1499, 19999),
            "A balanced blade that keeps its edge.",
        ),
        Kind(
            "Blenders", "Blender", ("Crema", "Hearthly", "Whirl"), ("Smooth", "Jar", "Go", "Power"),
            ("Personal", "Hand", "High-Speed", "Quiet"),
            {"watts": (300, 600, 1200), "litres": (0.6, 1.5, 2.0), "colour": COLOURS}, (2499, 29999),
            "For smoothies, soups and sauces.", "colour",
        ),
    ),
)  # fmt: skip
HOME: Final = Department(
    "HOM",
    "Home & Furniture",
    (
        Kind(
            "Chairs", "Office Chair", ("Stolwerk", "Fjell", "Posture"), ("Flow", "Task", "Executive", "Mesh"),
            ("Ergonomic", "High-Back", "Adjustable", "Swivel"),
            {"armrests": (True, False), "max_kg": (110, 130, 150), "colour": COLOURS}, (7999, 69900),
            "Supports the back through long days at the desk.", "colour",
        ),
        Kind(
            "Lamps", "Table Lamp", ("Glowe", "Fjell", "Lumen"), ("Arc", "Dome", "Reed", "Post"),
            ("LED", "Bedside", "Reading", "Rattan"),
            {"colour": COLOURS, "dimmable": (True, False)}, (1999, 15999),
            "Warm light for desk, shelf and bedside.", "colour",
        ),
        Kind(
            "Bedding", "Duvet Cover Set", ("Linnea", "Cottonwood", "Fjell"), ("Calm", "Stripe", "Meadow", "Plain"),
            ("Cotton", "Linen", "Satin", "Flannel"),
            {"size": ("Single", "Double", "King"), "colour": COLOURS}, (2999, 17999),
            "Soft and breathable, with hidden buttons and two pillowcases.", "size",
        ),
        Kind(
            "Towels", "Bath Towel", ("Cottonwood", "Linnea", "Spa House"), ("Plush", "Waffle", "Quick", "Hotel"),
            ("Organic Cotton", "Bamboo", "Turkish", "Quick-Dry"),
            {"size_cm": ("50x100", "70x140", "100x150"), "colour": COLOURS}, (999, 5999),
            "Thick, soft and thirsty.", "colour",
        ),
        Kind(
            "Storage", "Storage Box", ("Stolwerk", "Tidy", "Fjell"), ("Stack", "Fold", "Nest", "Clear"),
            ("With Lid", "Felt", "Wicker", "Under-Bed"),
            {"litres": (10, 25, 45, 60), "colour": COLOURS}, (899, 5999),
            "Keeps toys, clothes and papers out of sight.", "litres",
        ),
    ),
)  # fmt: skip
OFFICE: Final = Department(
    "OFF",
    "Office & Books",
    (
        Kind(
            "Notebooks", "Notebook", ("Papier", "Inkwell", "Foliant"), ("Daily", "Field", "Studio", "Bullet"),
            ("Ruled", "Dotted", "Plain", "Hardcover"),
            {"pages": (96, 160, 240), "size": ("A4", "A5", "A6")}, (399, 2999),
            "Smooth paper that takes ink without bleeding.", "size",
        ),
        Kind(
            "Pens", "Pen", ("Inkwell", "Scribe", "Foliant"), ("Line", "Swift", "Classic", "Note"),
            ("Gel", "Fountain", "Ballpoint", "Fineliner"),
            {"ink": ("black", "blue", "red"), "tip_mm": (0.3, 0.5, 0.7)}, (199, 8999),
            "Writes at once and lies well in the hand.", "ink",
        ),
        Kind(
            "Printers", "Printer", ("Clarion Works", "Orbis", "Inkwell"), ("Office", "Home", "Photo", "Multi"),
            ("Laser", "Inkjet", "All-in-One", "Colour Laser"),
            {"duplex": (True, False), "wifi": (True,), "pages_per_minute": (12, 22, 34)}, (7999, 49900),
            "Prints, and with a scanner copies, from every device in the house.",
        ),
        Kind(
            "Ink & toner", "Ink Cartridge", ("Clarion Works", "Refillio", "Inkwell"), ("Original", "XL", "Eco", "Duo"),
            ("High-Yield", "Pigment", "Photo", "Standard"),
            {"colour": ("Black", "Cyan", "Magenta", "Yellow"), "pages": (200, 500, 1000)}, (999, 6999),
            "Crisp text and true colours to the last page.", "colour",
        ),
        Kind(
            "Desks", "Desk", ("Stolwerk", "Fjell", "Posture"), ("Rise", "Plank", "Corner", "Fold"),
            ("Standing", "Writing", "Electric", "Oak"),
            {"width_cm": (100, 120, 140, 160), "colour": COLOURS}, (9999, 79900),
            "A steady place to work, sitting or standing.", "width_cm",
        ),
    ),
)  # fmt: skip

DEPARTMENTS: Final = (GROCERY, KITCHEN, HOME, OFFICE)
