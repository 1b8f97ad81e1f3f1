"""First and last names common in France, overseas departments included; the people made of them are invented.

No word stands in both lists of first names: the two of a couple must not pass for one person.
"""

from typing import Final

PRENOMS_MASCULINS: Final = tuple(
    mot
    for ligne in """
    Adrien Ahmed Aimé Alain Alexandre Ali Antoine Arnaud Aurélien Bastien Benoît Bernard Brahim Bruno Cédric
    Christian Christophe Clément Cyril Damien Daniel David Denis Didier Emmanuel Éric Erwan Étienne Fabien
    Fabrice Farid Félix Florian François Frédéric Gabriel Gaël Gérard Gilles Grégory Guillaume Guy Gwenaël
    Hamza Hervé Hugo Ibrahima Jacques Jean Jean-Baptiste Jean-Luc Jean-Marc Jean-Paul Jean-Philippe
    Jean-Pierre Jérémy Jérôme Joël Jordan Joseph Julien Karim Kévin Khalil Laurent Léo Loïc Louis Luc Lucas
    Malik Mamadou Marc Marc-Antoine Marcel Mathieu Maxime Mehdi Michel Mickaël Mohamed Nabil Nicolas Noël
    Olivier Omar Pascal Patrick Paul-Henri Philippe Pierre-Yves Quentin Rachid Raphaël Raymond Régis Rémi
    René Romain Ronan Samir Samuel Sébastien Serge Stéphane Steeve Sylvain Tanguy Théo Thibault Thierry
    Thomas Tristan Valentin Vincent Xavier Yann Yannick Youssef Yves Zinedine
    """.splitlines()
    for mot in ligne.split()
)
PRENOMS_FEMININS: Final = tuple(
    mot
    for ligne in """
    Adèle Agnès Aïcha Alice Aline Amandine Amélie Amina Anaïs Andrée Angélique Anne-Laure Anne-Marie
    Anne-Sophie Annick Audrey Aurélie Béatrice Bénédicte Brigitte Carole Caroline Catherine Cécile Céline
    Chantal Charlotte Chloé Christelle Christine Claire Clémence Coralie Corinne Delphine Djamila Élise
    Élodie Émilie Emma Estelle Fanny Farida Fatima Fatoumata Florence Françoise Gaëlle Geneviève Ghislaine
    Gwenaëlle Hélène Henriette Huguette Inès Isabelle Jacqueline Jeanne Joëlle Josiane Julie Juliette Karine
    Khadija Laetitia Laura Laure Léa Leïla Lise-May Louise Lucie Lydie Magali Manon Marguerite Marie-Ange
    Marie-Claire Marie-Hélène Marie-Josée Marie-Laure Marine Martine Mathilde Maud Mélanie Micheline Monique
    Myriam Nadège Nadia Naïma Nathalie Nolwenn Océane Odile Pauline Raïssa Roselyne Sabrina Salima Samia
    Sandrine Sarah Séverine Solène Sonia Soizic Stéphanie Suzanne Sylvie Thérèse Valérie Vanessa Véronique
    Virginie Yamina Yasmine Zoé
    """.splitlines()
    for mot in ligne.split()
)
NOMS: Final = tuple(
    ligne.strip()
    for ligne in """
    Martin/Bernard/Dubois/Thomas/Robert/Richard/Petit/Durand/Leroy/Moreau/Simon/Laurent/Lefebvre/Michel
    Garcia/David/Bertrand/Roux/Vincent/Fournier/Morel/Girard/André/Lefèvre/Mercier/Dupont/Lambert/Bonnet
    François/Martinez/Legrand/Garnier/Faure/Rousseau/Blanc/Guérin/Muller/Henry/Roussel/Nicolas/Perrin/Morin
    Mathieu/Clément/Gauthier/Dumont/Lopez/Fontaine/Chevalier/Robin/Masson/Sanchez/Gérard/Nguyen/Boyer/Denis
    Lemaire/Duval/Joly/Gautier/Roger/Roche/Roy/Noël/Meyer/Lucas/Meunier/Jean/Pérez/Marchand/Dufour/Blanchard
    Marie/Barbier/Brun/Dumas/Brunet/Schmitt/Leroux/Colas/Fernandez/Da Silva/Dos Santos/Ferreira/Pereira
    De Oliveira/De La Tour/D'Almeida/N'Diaye/O'Prey/Saint-Martin/Hamrouni/Benali/Ben Salah/Bouzid/Haddad
    Khelifi/Mansouri/Saïdi/Belkacem/Cherif/Amrani/El Amrani/Ouali/Zerrouki/Boukhari/Ait Ahmed/Bensaïd
    Kaddour/Meziane/Toumi/Yahiaoui/Brahimi/Slimani/Djebbar/Trabelsi/Gharbi/Ben Youssef/Traoré/Diallo/Diop
    Koné/Coulibaly/Camara/Touré/Cissé/Sow/Ba/Keïta/Mbaye/Fofana/Sylla/Konaté/Hoarau/Payet/Grondin
    Boyer-Vidal/Fontaine-Técher/Rivière/Dijoux/Técher/Maillot/Lebon/Turpin/Nativel/Robert-Hoareau/Sautron
    Virapoullé/Ramassamy/Vitry/Lauret/Bègue/Hoareau/Séry/Naze/Picard/Folio/Mussard/Gonthier/Cadet/Ethève
    Célestine/Louisy/Chalcou/Bourgeois/Gustave/Désir/Jean-Baptiste/Jean-Louis/Jean-François/Marie-Luce
    Saint-Aimé/Nilor/Césaire-Roy/Pognon/Zobda/Marlin/Bellemare/Sainte-Rose/Pierre-Louis/Labonté/Édouard
    Rosine/Monlouis/Valmy/Le Goff/Le Gall/Le Roux/Tanguy/Kervella/Quéméneur/Guivarc'h/Cariou/Le Bihan/Riou
    Prigent/Kerboul/Le Dantec/Bihan/Jézéquel/L'Hostis/Corre/Guéguen/Le Meur/Abgrall/Hénaff/Salaün/Kermarrec
    Nédélec/Le Floc'h/Caradec/Morvan/Bozec/Etcheverry/Etchegaray/Ibarra/Casanova/Santoni/Paoli/Mattei
    Colonna/Klein/Weber/Schneider/Zimmermann/Wagner/Hoffmann/Vandenberghe/Delacroix/Lœillet/Sœur/Cœuret
    Deschamps/Beauchêne/Châtelain/Crépin/Façon/Garçon/Prévôt/Hébert/Aubé/Kowalski/Nowak/Petrović/Popescu
    Ionescu/Rossi/Bianchi/Esposito/Pham/Tran/Lê/Chen/Wang/Rakotomalala/Randria/Attoumani
    """.strip()
    .replace("\n", "/")
    .split("/")
)
